import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { HttpTraffic } from '#http';
import { ShutdownSequence, type TelemetryConfig } from '#telemetry';

const LIMITS = { shutdownTimeoutMs: 1_200, shutdownLameDuckMs: 50 } as TelemetryConfig;

function sequence(config = LIMITS) {
  const traffic = new HttpTraffic();
  return { traffic, shutdown: new ShutdownSequence(config) };
}

async function serve(traffic: HttpTraffic, listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    traffic.begin(response);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  traffic.watch(server);
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('A shutdown', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('a shutdown first reports not ready, then drains, then closes', async () => {
    const { traffic, shutdown } = sequence();
    const { server } = await serve(traffic, (_request, response) => response.end());
    const order: string[] = [];
    shutdown.onDrain(
      'sockets',
      () => void order.push(`drain, draining ${shutdown.isDraining}, listening ${server.listening}`),
    );
    const clean = await shutdown.run(traffic, async () => void order.push(`close, listening ${server.listening}`));
    expect(clean).toBe(true);
    expect(order).toEqual(['drain, draining true, listening true', 'close, listening false']);
  });

  it('A shutdown closes nothing that a request in flight still needs', async () => {
    const { traffic, shutdown } = sequence();
    let finish: (() => void) | undefined;
    const { server, url } = await serve(traffic, (_request, response) => (finish = () => response.end('whole')));
    const answer = fetch(url).then((response) => response.text());
    while (!finish) await new Promise(setImmediate);
    let closed = false;
    const done = shutdown.run(traffic, async () => void (closed = true));
    await once(server, 'close', { signal: AbortSignal.timeout(300) }).catch(() => undefined);
    expect(closed).toBe(false);
    finish();
    expect(await answer).toBe('whole');
    expect(await done).toBe(true);
  });

  it('a request on an idle connection that arrives after the listening has ended is answered, and closes it', async () => {
    const { traffic, shutdown } = sequence({ shutdownTimeoutMs: 60_000, shutdownLameDuckMs: 2_000 } as TelemetryConfig);
    const { server, url } = await serve(traffic, (_request, response) => response.end('whole'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => {
      const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response.statusCode;
    };
    expect(await ask()).toBe(200);
    const done = shutdown.run(traffic, async () => undefined);
    while (server.listening) await new Promise(setImmediate);
    expect(await ask()).toBe(200);
    agent.destroy();
    expect(await done).toBe(true);
  });

  it('A shutdown cuts a request that does not end, and reports that', async () => {
    const { traffic, shutdown } = sequence();
    const { server, url } = await serve(traffic, () => undefined);
    const request = get(url);
    const cut = once(request, 'error');
    await once(server, 'request');
    expect(await shutdown.run(traffic, async () => undefined)).toBe(false);
    expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('A shutdown ends although a drain fails or hangs and the close hangs', async () => {
    const { traffic, shutdown } = sequence();
    await serve(traffic, (_request, response) => response.end());
    shutdown.onDrain('fails', () => Promise.reject(new Error('no')));
    shutdown.onDrain('hangs', () => new Promise(() => undefined));
    expect(await shutdown.run(traffic, () => new Promise(() => undefined))).toBe(false);
  });

  it('a shutdown runs once, however often it is requested', async () => {
    const { traffic, shutdown } = sequence();
    await serve(traffic, (_request, response) => response.end());
    let closes = 0;
    await Promise.all([1, 2, 3].map(() => shutdown.run(traffic, async () => void closes++)));
    expect(closes).toBe(1);
  });
});
