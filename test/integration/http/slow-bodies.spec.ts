import { EventEmitter, once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { problemOf } from '#errors';
import { endSlowBodies } from '../../../libs/http/bodies/slow-bodies.js';

const LIMITS = { wholeMs: 15_000, stillMs: 30_000 };

/** Real sockets in made time: Node's own timers of sockets are not those of the code under test. */
describe('A body that trickles', () => {
  /** `parsing` when a body is waited for, `chunk` when a piece of an upload was read. */
  const seen = new EventEmitter();
  let server: FastifyInstance;
  let port: number;
  let client: ClientRequest | undefined;

  beforeAll(async () => {
    server = fastify();
    endSlowBodies(server, LIMITS);
    server.addHook('preParsing', (_request, _reply, payload, done) => {
      done(null, payload);
      seen.emit('parsing');
    });
    server.addHook('preParsing', (request, _reply, payload, done) =>
      done(request.url === '/refused' ? Object.assign(new Error('no'), { statusCode: 401 }) : null, payload),
    );
    server.setErrorHandler((error, _request, reply) => reply.status(problemOf(error, 'id').status).send('refused'));
    server.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    server.post('/json', async () => 'parsed');
    server.post('/refused', async () => 'parsed');
    server.post('/upload', { config: { upload: true } }, async (incoming) => {
      let bytes = 0;
      for await (const chunk of incoming.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        seen.emit('chunk');
      }
      return String(bytes);
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
    port = (server.server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());
  beforeEach(
    () =>
      void jest.useFakeTimers({
        doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setInterval', 'Date', 'performance'],
      }),
  );
  afterEach(() => {
    jest.useRealTimers();
    client?.destroy();
  });

  const post = (path: string, type: string) => {
    const slow = request({ port, path, method: 'POST', headers: { 'content-type': type } });
    client = slow;
    let answered = false;
    slow.on('error', () => undefined).once('response', () => (answered = true));
    return { slow, answered: () => answered, response: once(slow, 'response') };
  };

  it('a parsed body that trickles is refused with 408, and its connection closed', async () => {
    const parsing = once(seen, 'parsing');
    const { slow, answered, response: answer } = post('/json', 'application/json');
    slow.write('{');
    await parsing;
    jest.advanceTimersByTime(LIMITS.wholeMs - 1);
    await new Promise(setImmediate);
    expect(answered()).toBe(false);
    jest.advanceTimersByTime(1);
    const [response] = await answer;
    expect(response.statusCode).toBe(408);
    expect(response.headers.connection).toBe('close');
    response.resume();
    if (!slow.destroyed) await once(slow, 'close');
  });

  it('a trickling body of a refused request is read no longer than a parsed one, then its connection closes', async () => {
    const { slow, response: answer } = post('/refused', 'application/json');
    slow.write('{');
    const [response] = await answer;
    expect(response.statusCode).toBe(401);
    response.resume();
    const closed = once(slow, 'close');
    jest.advanceTimersByTime(LIMITS.wholeMs - 1);
    await new Promise(setImmediate);
    expect(slow.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    await closed;
  });

  it('an upload that trickles may last as long as data arrives', async () => {
    const { slow, response: answer } = post('/upload', 'text/csv');
    for (let i = 0; i < 8; i++) {
      const chunk = once(seen, 'chunk');
      slow.write('0123456789');
      await chunk;
      jest.advanceTimersByTime(LIMITS.stillMs - 1);
    }
    slow.end();
    const [response] = await answer;
    expect(response.statusCode).toBe(200);
    response.setEncoding('utf8');
    expect(await response.toArray().then((parts: string[]) => parts.join(''))).toBe('80');
  });

  it('an upload that stalls is ended', async () => {
    const chunk = once(seen, 'chunk');
    const { slow, response: answer } = post('/upload', 'text/csv');
    slow.write('0123456789');
    await chunk;
    // Data that came with the head may count as progress once.
    jest.advanceTimersByTime(2 * LIMITS.stillMs);
    const [response] = await answer;
    expect(response.statusCode).toBe(408);
    response.resume();
  });
});
