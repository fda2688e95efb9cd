import { once } from 'node:events';
import { connect } from 'node:net';
import { startTestApp, type TestApp, type TestRequest } from '../setup/test-app.js';

const TEXT = expect.any(String);
const PROBLEM = { title: TEXT, detail: TEXT, code: TEXT, correlationId: TEXT, type: 'about:blank' };
const LOGIN = '/v1/auth/login';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('Every request', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp();
  });

  afterAll(() => desk.close());

  /** Sends raw bytes and returns the bytes of the answer. */
  async function raw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(bytes);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    await once(socket, 'close');
    return answer;
  }

  async function refused(method: string, path: string, status: number, request: TestRequest = {}) {
    const response = await desk.request(method, path, request);
    expect(response.body).toMatchObject({ ...PROBLEM, status });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(response.headers.get('x-correlation-id')).toBe(response.body.correlationId);
    return response;
  }

  describe('has a correlation id', () => {
    it.each([
      ['a good answer', '/health/live'],
      ['no such path', '/nowhere'],
      ['no token', '/v1/portfolios'],
    ])('a correlation id is returned with: %s', async (_name, path) => {
      const response = await desk.request('GET', path, { headers: { 'x-correlation-id': 'mine-1' } });
      expect(response.headers.get('x-correlation-id')).toBe('mine-1');
    });

    it('a correlation id is returned with a refused body', async () => {
      const { body } = await refused('POST', LOGIN, 400, {
        body: '{',
        headers: { ...JSON_TYPE, 'x-correlation-id': 'mine-2' },
      });
      expect(body.correlationId).toBe('mine-2');
    });
  });

  describe('without a route', () => {
    it('a request without a route gets 404', async () => {
      expect((await refused('GET', '/v1/nowhere', 404)).body.code).toBe('ROUTE_NOT_FOUND');
    });

    it('an unsupported method gets 405 with the allowed methods', async () => {
      const { headers, body } = await refused('DELETE', LOGIN, 405);
      expect(headers.get('allow')).toBe('POST');
      expect(body.code).toBe('METHOD_NOT_ALLOWED');
    });

    it.each([
      ['a path that cannot be decoded', '/v1/%zz', 400],
      ['a path parameter of 600 characters', `/v1/portfolios/${'a'.repeat(600)}`, 414],
    ])('a request is refused: %s', (_name, path, status) => refused('GET', path, status));
  });

  describe('whose body is wrong', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`k${i}`, 1])));
    let token: string;

    beforeAll(async () => {
      ({ token } = await desk.login('trader'));
    });

    it.each([
      ['not JSON', '{"email":', 'JSON'],
      ['a key twice', '{"email":"a@b.c","password":"x","email":"d@e.f"}', '"email" twice'],
      ['33 levels', nested(33), '32 levels'],
      ['500,000 levels', '['.repeat(500_000) + ']'.repeat(500_000), '32 levels'],
      ['1,001 fields', wide, '1000 fields'],
      ['__proto__', '{"__proto__":{"admin":true}}', '__proto__'],
      ['__proto__ in escapes', '{"\\u005f_proto__":{"admin":true}}', '__proto__'],
      ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}', 'prototype'],
    ])('a wrong body gets a 400 with the reason: %s', async (_name, body, says) => {
      const problem = (await refused('PUT', '/v1/sessions', 400, { body, token, headers: JSON_TYPE })).body;
      expect(problem.code).toBe('REQUEST_INVALID');
      expect(problem.detail).toContain(says);
      expect(({} as any).admin).toBeUndefined();
    });

    it('a body that is not UTF-8 gets 400', async () => {
      const body = new Uint8Array([...Buffer.from('{"email":"'), 0xff, 0xfe, ...Buffer.from('","password":"x"}')]);
      expect((await refused('POST', LOGIN, 400, { body, headers: JSON_TYPE })).body.detail).toContain('UTF-8');
    });

    it.each([
      ['text/plain'],
      ['application/x-www-form-urlencoded'],
      ['application/json; charset=iso-8859-1'],
      ['application/xml'],
      ['garbage'],
    ])('a body of type %s gets 415', (type) =>
      refused('POST', LOGIN, 415, { body: '{}', headers: { 'content-type': type } }),
    );

    it('any spelling of the content type JSON in UTF-8 is accepted', async () => {
      for (const type of [
        'application/json;charset=UTF-8',
        'application/json; charset="utf-8"',
        'application/merge-patch+json',
      ]) {
        await refused('POST', LOGIN, 400, { body: '{"email":1}', headers: { 'content-type': type } });
      }
    });

    it.each([
      ['1 MiB', '/v1/sessions', 'PUT', 1_100_000],
      ['4 KiB before sign-in', LOGIN, 'POST', 4_100],
      ['4 KiB for a refresh', '/v1/auth/refresh', 'POST', 4_100],
    ])('a body above %s gets 413', (_name, path, method, length) =>
      refused(method, path, 413, {
        body: JSON.stringify({ email: 'x'.repeat(length) }),
        headers: JSON_TYPE,
        ...(path === '/v1/sessions' ? { token } : {}),
      }),
    );

    it('an empty body gets a 400 with the missing fields', async () => {
      const { body } = await refused('POST', LOGIN, 400, { body: '', headers: JSON_TYPE });
      expect(body.errors.length).toBeGreaterThan(0);
    });

    it('a 400 names each wrong field, the received and the allowed value, and never a secret', async () => {
      const { body } = await refused('POST', LOGIN, 400, { body: { email: 7, password: 424242, extra: 1 } });
      const fields = Object.fromEntries(body.errors.map((error: any) => [error.field, error]));
      expect(fields).toMatchObject({
        email: { seen: '7', allowed: expect.any(String) },
        password: { allowed: expect.any(String) },
        extra: {},
      });
      expect(JSON.stringify(body)).not.toContain('424242');
    });

    it('a 400 lists at most 20 errors with shortened names and the number of the others', async () => {
      const body = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${'k'.repeat(500)}${i}`, 1]));
      const response = await refused('PUT', '/v1/sessions', 400, { body, token });
      expect(response.body.errors).toHaveLength(20);
      expect(response.body.detail).toMatch(/8\d\d more are not shown/);
      expect(JSON.stringify(response.body).length).toBeLessThan(20_000);
    });
  });

  describe('with a large body', () => {
    const quote = { broker: 'zerodha', key: 'NSE|1', price: '1', asOf: '2026-11-02T03:45:00Z' };
    const body = JSON.stringify({ quotes: Array(20_000).fill(quote) });

    it('a large body without a token gets 401', () => refused('POST', '/v1/quotes', 401, { body, headers: JSON_TYPE }));

    it('a large body without a token is refused before it arrives', async () => {
      const head = `POST /v1/quotes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n{`;
      expect(await raw(head)).toMatch(/^HTTP\/1.1 401 /);
    });

    it('a large body is read when its caller is known', async () => {
      const { token } = await desk.login('operator');
      const { errors } = (await refused('POST', '/v1/quotes', 400, { body, token, headers: JSON_TYPE })).body;
      expect(errors).toEqual([{ field: 'quotes', seen: 'more than 10000 items', allowed: 'at most 10000 items' }]);
    });
  });

  describe('malformed HTTP', () => {
    it.each([
      ['garbage', 'HELLO\r\n\r\n', 400],
      ['no host and a bad length', 'POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
      [
        'length and chunks at once',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
      ['200 KB of headers', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
    ])('malformed HTTP gets a problem and a closed connection: %s', async (_name, bytes, status) => {
      const answer = await raw(bytes);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toContain('application/problem+json');
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ ...PROBLEM, status });
    });

    it('a connection that trickles its headers is closed', async () => {
      const { hostname, port } = new URL(desk.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\n');
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 500);
      socket.resume();
      await once(socket, 'close');
      clearInterval(drip);
    });
  });
});
