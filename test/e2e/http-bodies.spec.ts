import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../setup/test-app.js';

interface Operation {
  security?: object[];
  requestBody?: object;
}

/** An operation of the OpenAPI document, with a value for each parameter of its path. */
interface Route {
  method: string;
  path: string;
  isPublic: boolean;
  hasBody: boolean;
}

/** The route has a limit of its own, so other tests of this file do not use it up. */
const WRITES = 40;

describe('a request with a body', () => {
  let desk: TestApp;
  let routes: Route[];

  beforeAll(async () => {
    desk = await startTestApp({ env: { THROTTLING_MAX_WRITES: String(WRITES) } });
    const { paths } = (await desk.request('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, Operation>>;
    };
    routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security, requestBody }]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000'),
        isPublic: security?.length === 0,
        hasBody: requestBody !== undefined,
      })),
    );
  });
  afterAll(() => desk.close());

  /** Sends a head that announces a body, and only the first byte of the body. @returns the answer */
  async function sendHead(
    method: string,
    path: string,
    length: number,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; problem: { code: string; detail: string } }> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect(Number(port), hostname);
    const lines = Object.entries({ 'Content-Type': 'application/json', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: a\r\n${lines.join('\r\n')}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n{`,
    );
    let answer = '';
    socket.on('data', (data) => (answer += data.toString())).on('error', () => undefined);
    await once(socket, 'close');
    return { status: Number(answer.slice(9, 12)), problem: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) };
  }

  it('a body without a token is refused before it arrives, on every private operation', async () => {
    const asked = routes.filter(({ isPublic, hasBody }) => hasBody && !isPublic);
    expect(asked.length).toBeGreaterThan(15);
    for (const { method, path } of asked)
      expect([method, path, (await sendHead(method, path, 1_000_000)).status]).toEqual([method, path, 401]);
  });

  it('a body on a public operation has at most 4 KiB', async () => {
    const asked = routes.filter(({ isPublic, hasBody }) => hasBody && isPublic);
    expect(asked.map(({ path }) => path)).toEqual(['/v1/auth/login', '/v1/auth/refresh']);
    for (const { method, path } of asked)
      expect([path, (await sendHead(method, path, 4_097)).status]).toEqual([path, 413]);
  });

  it('a body for an unknown route is refused before it arrives', async () => {
    expect(await sendHead('POST', '/v1/nowhere', 1_000_000)).toMatchObject({
      status: 404,
      problem: { code: 'ROUTE_NOT_FOUND', detail: 'Cannot POST /v1/nowhere' },
    });
  });

  it('a body of a caller with an insufficient role is refused before it arrives', async () => {
    const { token } = await desk.login('viewer');
    const authorization = `Bearer ${token}`;
    expect(await sendHead('PUT', '/v1/sessions', 1_000_000, { authorization })).toMatchObject({
      status: 403,
      problem: { code: 'AUTH_ROLE_REQUIRED' },
    });
  });

  it('a request counts once against the limit of its class, and beyond it is refused before its body arrives', async () => {
    const { token } = await desk.login('trader');
    const left = [];
    for (let n = 0; n < WRITES; n++) {
      const { headers } = await desk.request('PUT', '/v1/sessions', { token, body: {} });
      left.push(Number(/r=(\d+)/.exec(headers.get('ratelimit')!)![1]));
    }
    expect(left).toEqual(Array.from({ length: WRITES }, (_, n) => WRITES - 1 - n));
    expect(await sendHead('PUT', '/v1/sessions', 1_000_000, { authorization: `Bearer ${token}` })).toMatchObject({
      status: 429,
      problem: { code: 'THROTTLING_LIMITED' },
    });
  });

  it('a compressed body gets a 415 that names the reason', async () => {
    const { token } = await desk.login('trader');
    const { status, body, headers } = await desk.request('PUT', '/v1/sessions', {
      token,
      body: gzipSync('{}'),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect([status, body.code, headers.get('accept-encoding')]).toEqual([415, 'REQUEST_MEDIA_TYPE', 'identity']);
    expect(body.detail).toBe('Send the body without Content-Encoding; received gzip.');
  });
});

describe('an unknown query parameter', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp({ env: { METRICS_TOKEN: 'metrics-token-of-this-spec' } });
  });
  afterAll(() => desk.close());

  it('an unknown query parameter is refused by name on every operation', async () => {
    const { token } = await desk.login('admin');
    const { paths } = (await desk.request('GET', '/openapi.json')).body as { paths: Record<string, object> };
    const accepted: string[] = [];
    let asked = 0;
    for (const [template, operations] of Object.entries(paths)) {
      const path = template.replace(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
      for (const method of Object.keys(operations).map((name) => name.toUpperCase())) {
        asked++;
        const answer = await desk.request(method, `${path}?nosuch=1`, {
          token: path === '/metrics' ? 'metrics-token-of-this-spec' : token,
          ...(method === 'GET' ? {} : { body: {} }),
        });
        const named = answer.body.errors?.some(({ field }: { field: string }) => field === 'nosuch');
        if (answer.status !== 400 || !named) accepted.push(`${method} ${template}: ${answer.status}`);
      }
    }
    expect(asked).toBeGreaterThan(50);
    expect(accepted).toEqual([]);
  });

  it('an unknown query parameter without a token gets a 401', async () => {
    expect((await desk.request('GET', '/v1/auth/me?nosuch=1')).status).toBe(401);
  });

  it('the console ignores an unknown query parameter', async () => {
    expect((await desk.request('GET', '/?from=mail')).status).toBe(200);
  });
});
