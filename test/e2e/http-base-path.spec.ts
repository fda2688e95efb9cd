import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { io } from 'socket.io-client';
import { startTestApp, type TestApp, type TestResponse } from '../setup/test-app.js';

const PREFIX = '/desk';

/** A reverse proxy that serves only the desk, under /desk, as in docs/run.md. It keeps or removes the prefix. */
async function proxyTo(target: string, keeps: boolean): Promise<Server> {
  const { hostname, port } = new URL(target);
  const pathOf = (incoming: IncomingMessage) => {
    const url = incoming.url ?? '/';
    if (url !== PREFIX && !url.startsWith(`${PREFIX}/`)) return undefined;
    return keeps ? url : url.slice(PREFIX.length) || '/';
  };
  const proxy = createServer((incoming, answer) => {
    const path = pathOf(incoming);
    if (path === undefined) return void answer.writeHead(404).end('outside');
    incoming.pipe(
      request({ hostname, port, path, method: incoming.method, headers: incoming.headers }, (reply) => {
        answer.writeHead(reply.statusCode!, reply.headers);
        reply.pipe(answer);
      }),
    );
  });
  proxy.on('upgrade', (incoming, socket, head) => {
    const path = pathOf(incoming);
    if (path === undefined) return void socket.destroy();
    const upstream = connect(Number(port), hostname, () => {
      const headers = incoming.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
      upstream.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((other) => other.destroy()));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}

describe.each([
  ['keeps the prefix', true],
  ['removes the prefix', false],
])('Behind a proxy that %s', (_how, keeps) => {
  let desk: TestApp;
  let proxy: Server;
  let origin: string;
  let token: string;
  const through = async (path: string, init: RequestInit = {}): Promise<TestResponse> => {
    const response = await fetch(new URL(path, origin), {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.body ? { 'content-type': 'application/json' } : {}) },
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  /** Loads a page with every script and style that it names, as a browser would. */
  const load = async (path: string) => {
    const page = await through(path);
    expect([path, page.status]).toEqual([path, 200]);
    const sources = [...(page.body as string).matchAll(/(?:src|href)="([^"#][^"]*\.(?:js|css))"/g)].map(
      ([, source]) => new URL(source!, new URL(path, origin)).href,
    );
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect([source, (await through(source)).status]).toEqual([source, 200]);
    return page.body as string;
  };

  beforeAll(async () => {
    desk = await startTestApp({ env: { PUBLIC_URL: `https://host.example${PREFIX}/` } });
    proxy = await proxyTo(desk.url, keeps);
    origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    ({ token } = await desk.login('operator'));
  });

  afterAll(async () => {
    proxy?.closeAllConnections();
    proxy?.close();
    await desk?.close();
  });

  it('the console and the plain page load their scripts and call the API under the path prefix', async () => {
    for (const path of [PREFIX, `${PREFIX}/`, `${PREFIX}/alerts/1`, `${PREFIX}/plain`]) {
      const page = await load(path);
      expect(page).toContain(`data-base-path="${PREFIX}"`);
      expect(page).not.toContain('%BASE_PATH%');
    }
    expect((await through(`${PREFIX}/v1/auth/me`)).status).toBe(200);
  });

  it('a socket connects under the path prefix and gets the dashboard', async () => {
    const socket = io(`${origin}/dashboard`, {
      path: `${PREFIX}/socket.io`,
      auth: { token },
      transports: ['websocket'],
      reconnection: false,
    });
    try {
      await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
      expect(await socket.timeout(120_000).emitWithAck('dashboard:subscribe', { panels: ['system'] })).toMatchObject({
        panels: { system: expect.anything() },
      });
    } finally {
      socket.disconnect();
    }
  });

  it('the API documents load under the path prefix and name it as the server', async () => {
    for (const path of [`${PREFIX}/docs`, `${PREFIX}/docs/`]) await load(path);
    const api = (await through(`${PREFIX}/openapi.json`)).body;
    expect(api.servers).toEqual([{ url: `https://host.example${PREFIX}` }]);
    expect((await through(`${PREFIX}/asyncapi.json`)).body.servers).toMatchObject({
      desk: { host: 'host.example', pathname: `${PREFIX}/socket.io/`, protocol: 'wss' },
    });
  });

  it('the Location of a created resource contains the path prefix', async () => {
    const made = await through(`${PREFIX}/v1/alert-rules`, {
      method: 'POST',
      body: JSON.stringify({
        name: 'Located',
        severity: 'info',
        condition: { field: 'payload.title', op: 'contains', value: 'x' },
      }),
    });
    expect(made.status).toBe(201);
    const { status, body } = await through(made.headers.get('location')!);
    expect([status, body.id]).toEqual([200, made.body.id]);
  });
});
