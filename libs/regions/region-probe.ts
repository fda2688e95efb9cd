import { Agent, request } from 'undici';
import type { ProbeResult } from './region-state.js';

type Check = (answer: unknown) => boolean;

/** Sends the probes. The connections of its own are kept, so a latency contains no handshake after the first one. */
export class RegionProbe {
  private readonly agent: Agent;

  constructor(
    private readonly timeoutMs: number,
    private readonly maxBytes: number,
  ) {
    this.agent = new Agent({ connections: 1, keepAliveTimeout: 60_000, connectTimeout: timeoutMs });
  }

  /**
   * One GET. Follows no redirect, and takes at most the timeout, whatever the server does.
   * @param check reads the JSON answer and says whether it is right; without it the body is ignored
   * @param signal aborts when the process stops
   */
  async probe(url: string, signal: AbortSignal, check?: Check): Promise<ProbeResult> {
    const began = performance.now();
    let latencyMs = this.timeoutMs;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]);
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: this.agent,
        signal: limit,
        headers: { accept: 'application/json', 'user-agent': 'deskwire-region-probe' },
      });
      latencyMs = performance.now() - began;
      const text = await this.text(body);
      if (statusCode !== 200) return { outcome: 'status', latencyMs };
      const right = check === undefined || (text !== undefined && check(parsed(text)));
      return { outcome: right ? 'ok' : 'invalid', latencyMs };
    } catch (error) {
      const timedOut = limit.aborted || /TIMEOUT/.test(String((error as { code?: string }).code));
      return { outcome: timedOut ? 'timeout' : 'unreachable', latencyMs };
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** The body as text; undefined beyond the maximum size, when the rest is dropped with the connection. */
  private async text(body: AsyncIterable<Buffer>): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      if ((size += chunk.length) > this.maxBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
