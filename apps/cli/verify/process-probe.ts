import { MetricSamples } from './metric-samples.js';

/** Maximum time for an answer, in ms. */
const TIMEOUT_MS = 10_000;

/** Asks one process of the desk over HTTP. */
export class ProcessProbe {
  /** @param token METRICS_TOKEN of the process, if it has one */
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
  ) {}

  /** @returns why the process is not ready; empty if it is @throws Error if it does not answer */
  async reasonsNotReady(): Promise<string[]> {
    const { status, text } = await this.get('/health/ready');
    if (status === 200) return [];
    const { reasons = { status } } = readJson(text) as { reasons?: Record<string, unknown> };
    return Object.entries(reasons).map(([part, reason]) => `${part}: ${String(reason)}`);
  }

  /** @throws Error if it does not answer or refuses */
  async metrics(): Promise<MetricSamples> {
    const { status, text } = await this.get('/metrics', this.token);
    if (status === 401) throw new Error('/metrics answers 401: METRICS_TOKEN is another one there');
    if (status !== 200) throw new Error(`/metrics answers ${status}`);
    return MetricSamples.parse(text);
  }

  private async get(path: string, token?: string): Promise<{ status: number; text: string }> {
    const url = `${this.url.replace(/\/$/, '')}${path}`;
    try {
      const answer = await fetch(url, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'manual',
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      throw new Error(`${url} does not answer: ${cause?.code ?? message}`, { cause: error });
    }
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
