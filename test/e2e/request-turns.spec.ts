import { once } from 'node:events';
import { connect } from 'node:net';
import { throttlingConfig } from '#throttling';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('a client that leaves', () => {
  let desk: TestApp;
  let token: string;

  beforeAll(async () => {
    desk = await startTestApp({ internals: [throttlingConfig.with({ writesAtOnce: 1, requestsWaiting: 1 })] });
    ({ token } = await desk.login('trader'));
  });
  afterAll(() => desk.close());

  it('a client that disconnects in the middle of its body releases its turn for the next write of its user', async () => {
    const { hostname, port } = new URL(desk.url);
    for (let client = 0; client < 5; client++) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write(
        `PUT /v1/sessions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"broker":',
      );
      // The request now holds or awaits a turn.
      await desk.request('GET', '/v1/auth/me', { token });
      socket.destroy();
      await once(socket, 'close');
    }
    const { status } = await desk.request('PUT', '/v1/sessions', { token, body: {} });
    expect(status).toBe(400);
  });
});
