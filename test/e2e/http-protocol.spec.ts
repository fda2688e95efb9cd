import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const CURL = '/usr/bin/curl';
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';

describe('a request', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp({ env: { HTTP_TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => desk.close());

  /** @returns everything that arrives until the server ends the connection */
  async function send(bytes: string): Promise<string> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined).write(bytes);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    await once(socket, 'close');
    return answer;
  }

  /** Sends each request after the answer to the previous one, on one connection. */
  async function converse(requests: readonly string[]): Promise<string[]> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect(Number(port), hostname);
    const answers: string[] = [];
    for (const bytes of requests) {
      socket.write(bytes);
      answers.push(String((await once(socket, 'data'))[0]));
    }
    socket.destroy();
    return answers;
  }

  it('a request that offers HTTP/2 is answered in HTTP/1.1, with or without a body, and its connection is kept', async () => {
    const body = '{"email":1}';
    const answers = await converse([
      `GET /health/live HTTP/1.1\r\nHost: a\r\n${H2C}\r\n`,
      `POST /v1/auth/login HTTP/1.1\r\nHost: a\r\n${H2C}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n',
    ]);
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '400', '200']);
    expect(answers.join('')).not.toMatch(/^upgrade:/im);
  });

  it('a request of curl --http2 is answered', async () => {
    if (!existsSync(CURL)) return;
    const { stdout } = await promisify(execFile)(CURL, ['--http2', '-sS', '-m', '60', `${desk.url}/health/live`]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'up' });
  });

  it.each([
    ['twice the same', 'Host: a\r\nHost: a\r\n'],
    ['two different ones', 'Host: a\r\nX-A: b\r\nhost: b\r\n'],
  ])('a request with two Host headers gets 400: %s', async (_name, hosts) => {
    expect(await send(`GET /health/live HTTP/1.1\r\n${hosts}\r\n`)).toMatch(
      /^HTTP\/1.1 400 .*"detail":"The request has more than one Host header/s,
    );
  });

  it('an upgrade request with two Host headers opens no socket', async () => {
    const answer = await send(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 .*more than one Host header/s);
  });

  it('a client is counted by address, whatever port a proxy adds to it', async () => {
    const login = async (forwarded: string) =>
      (
        await desk.request('POST', '/v1/auth/login', {
          body: { email: 1 },
          headers: { 'x-forwarded-for': forwarded },
        })
      ).headers.get('ratelimit');
    const left = (header: string | null) => Number(/r=(\d+)/.exec(header!)![1]);
    const first = left(await login('198.51.100.1:1000'));
    expect(left(await login('198.51.100.1:2000'))).toBe(first - 1);
    expect(left(await login('198.51.100.1'))).toBe(first - 2);
    expect(left(await login('198.51.100.2:1000'))).toBe(first);
    expect(left(await login('[2001:db8::1]:443'))).toBe(first);
    expect(left(await login('[2001:db8::1]:444'))).toBe(first - 1);
  });
});
