import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { endSlowBodies } from '../../../apps/api/slow-bodies.js';

const LIMITS = { wholeMs: 200, stillMs: 200 };

describe('A body that trickles', () => {
  let server: FastifyInstance;
  let port: number;

  beforeAll(async () => {
    server = fastify();
    endSlowBodies(server, (route) => route === '/upload', LIMITS);
    server.setErrorHandler((error: any, _request, reply) => reply.status(error.status ?? 500).send(error.message));
    server.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    server.post('/json', async () => 'parsed');
    server.post('/upload', async (incoming) => {
      let bytes = 0;
      for await (const chunk of incoming.body as AsyncIterable<Buffer>) bytes += chunk.length;
      return String(bytes);
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
    port = (server.server.address() as AddressInfo).port;
  });

  afterAll(() => server.close());

  const post = (path: string, type: string) => request({ port, path, method: 'POST', headers: { 'content-type': type } });

  it('and is parsed is refused with 408, and its connection ended', async () => {
    const slow = post('/json', 'application/json');
    slow.write('{');
    slow.on('error', () => undefined);
    const [response] = await once(slow, 'response');
    expect(response.statusCode).toBe(408);
    expect(response.headers.connection).toBe('close');
    response.resume();
    if (!slow.destroyed) await once(slow, 'close');
  });

  it('and is an upload may last as long as something comes', async () => {
    const slow = post('/upload', 'text/csv');
    for (let i = 0; i < 8; i++) {
      slow.write('0123456789');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    slow.end();
    const [response] = await once(slow, 'response');
    expect(response.statusCode).toBe(200);
    response.setEncoding('utf8');
    expect(await response.toArray().then((parts: string[]) => parts.join(''))).toBe('80');
  });

  it('and is an upload that stands still is ended', async () => {
    const slow = post('/upload', 'text/csv');
    slow.on('error', () => undefined);
    slow.write('0123456789');
    const [response] = await once(slow, 'response');
    expect(response.statusCode).toBe(408);
    response.resume();
  });
});
