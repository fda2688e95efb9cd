import { CONSOLE_PATHS } from '../../apps/api/pages.js';
import { connect } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';

/** Served, but not operations of the API: the page and the documents. */
const NOT_THE_API = new RegExp(
  `^/(|docs.*|openapi\\.(json|yaml)|asyncapi\\.json|\\*|assets/\\*|plain|(${CONSOLE_PATHS.join('|')})\\*?)$`,
);
const ORIGIN = 'https://desk.example';
const ID = '01890000-0000-7000-8000-000000000000';
/** Query parameters of reads that require some. */
const REQUIRED: Record<string, string> = {
  '/v1/quotes': '?broker=zerodha',
  '/v1/instruments/expiries': '?underlying=ACME',
  '/v1/instruments/chain': '?underlying=ACME&broker=zerodha',
};
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Caching of the answers that belong to no user. */
const OF_THEIR_OWN = new Map([['/v1/regions', 'public, max-age=10, stale-if-error=86400']]);

describe('The documents', () => {
  let desk: TestApp;
  let api: any;

  beforeAll(async () => {
    desk = await startTestApp({ env: { HTTP_CORS_ORIGINS: ORIGIN } });
    const { status, body } = await desk.request('GET', '/openapi.json');
    expect(status).toBe(200);
    api = body;
  });

  afterAll(() => desk.close());

  const operations = () =>
    Object.entries<any>(api.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({ path, method, operation: item[method] })),
    );

  /** `METHOD /path/:param` of every route that Fastify serves. */
  function served(): string[] {
    const fastify = desk.app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    const routes = fastify.printRoutes({ commonPrefix: false, includeHooks: false });
    const path: string[] = [];
    const found: string[] = [];
    for (const line of routes.split('\n')) {
      const match = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line);
      if (!match) continue;
      const depth = match[1]!.length / 4;
      path.length = depth;
      path[depth] = match[2]!;
      for (const method of match[3]?.split(', ') ?? [])
        if (method !== 'HEAD' && method !== 'OPTIONS') found.push(`${method} ${path.join('')}`);
    }
    return found.filter((route) => !NOT_THE_API.test(route.split(' ')[1]!)).sort();
  }

  it('the OpenAPI 3.1 document has every served route and no other', () => {
    expect(api.openapi).toBe('3.1.0');
    const documented = operations().map(
      ({ path, method }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    );
    expect(documented.sort()).toEqual(served());
    expect(documented.length).toBeGreaterThan(30);
  });

  it('a preflight of an allowed origin permits every documented operation', async () => {
    const preflights = await Promise.all(
      operations().map(async ({ path, method }) => {
        const { status, headers } = await desk.request('OPTIONS', path.replace(/\{\w+\}/g, 'x'), {
          headers: {
            origin: ORIGIN,
            'access-control-request-method': method.toUpperCase(),
            'access-control-request-headers': 'authorization,content-type,idempotency-key',
          },
        });
        const allowed = headers.get('access-control-allow-methods')?.split(', ') ?? [];
        return {
          operation: `${method} ${path}`,
          status,
          origin: headers.get('access-control-allow-origin'),
          headers: headers.get('access-control-allow-headers'),
          allowed: allowed.includes(method.toUpperCase()),
        };
      }),
    );
    expect(preflights.filter(({ status, origin, allowed }) => status !== 204 || origin !== ORIGIN || !allowed)).toEqual(
      [],
    );
    expect(preflights[0]!.headers).toBe('authorization,content-type,idempotency-key');
  });

  it('every documented read answers Cache-Control private, no-cache, but for the public list of regions', async () => {
    const { token } = await desk.login('admin');
    const reads = operations().filter(({ path, method }) => method === 'get' && !path.includes('{'));
    for (const { path } of reads) {
      const { status, headers } = await desk.request('GET', path + (REQUIRED[path] ?? ''), { token });
      // 503: on a busy machine the first cut of the dashboard may be late. 404: no such series. Errors are never stored.
      expect([path, headers.get('cache-control')]).toEqual([
        path,
        status === 503 || status === 404 || /^\/health/.test(path)
          ? 'no-store'
          : (OF_THEIR_OWN.get(path) ?? 'private, no-cache'),
      ]);
    }
    expect(reads.length).toBeGreaterThan(15);
  });

  it('sign-ins, keys and one-time passwords answer Cache-Control no-store', async () => {
    const { token, email, password, refreshToken } = await desk.login('admin');
    for (const [path, body] of [
      ['/v1/auth/login', { email, password }],
      ['/v1/auth/refresh', { refreshToken }],
      ['/v1/auth/api-keys', { name: 'robot', roles: ['viewer'] }],
      ['/v1/users', { email: 'one-time@test.example', roles: ['viewer'] }],
    ] as const) {
      const { status, headers } = await desk.request('POST', path, { token, body });
      expect([path, status < 300, headers.get('cache-control')]).toEqual([path, true, 'no-store']);
    }
  });

  it('the document requires a token exactly where the server does', async () => {
    const asked = await Promise.all(
      operations().map(async ({ path, method, operation }) => {
        const { body } = await desk.request(method.toUpperCase(), path.replace(/\{\w+\}/g, ID));
        return {
          operation: `${method} ${path}`,
          documented: (operation.security ?? api.security).length > 0,
          private: body.code === 'AUTH_UNAUTHENTICATED',
        };
      }),
    );
    expect(asked.filter(({ documented, private: closed }) => documented !== closed)).toEqual([]);
    const open = asked.filter(({ documented }) => !documented).map(({ operation }) => operation);
    expect(open.sort()).toEqual([
      'get /health',
      'get /health/live',
      'get /health/ready',
      'get /health/startup',
      'get /metrics',
      'get /v1/regions',
      'post /v1/auth/login',
      'post /v1/auth/refresh',
    ]);
  });

  it('every documented success except 204 declares its content', () => {
    const silent = operations().flatMap(({ path, method, operation }) =>
      Object.entries<any>(operation.responses)
        .filter(([status, { content }]) => /^2/.test(status) && (status === '204') !== (content === undefined))
        .map(([status]) => `${method} ${path} ${status}`),
    );
    expect(silent).toEqual([]);
    const without = operations().filter(
      ({ operation }) => !Object.keys(operation.responses).some((status) => /^2/.test(status)),
    );
    expect(without).toEqual([]);
  });

  it('every documented create answers 201 with a Location', async () => {
    const { token } = await desk.login('admin');
    const json = {
      '/v1/alert-rules': {
        name: 'All',
        severity: 'info',
        condition: { field: 'payload.title', op: 'contains', value: 'x' },
      },
      '/v1/alert-silences': { ticker: 'ACME', until: new Date(Date.now() + 3_600_000).toISOString() },
      '/v1/auth/api-keys': { name: 'located', roles: ['viewer'] },
      '/v1/feeds': { name: 'located', kind: 'rss', url: 'https://93.184.215.14/rss', enabled: false },
      '/v1/users': { email: 'located@test.example', roles: ['viewer'] },
      '/v1/webhooks': { url: 'https://93.184.215.14/in' },
    };
    const requests: [string, Parameters<TestApp['request']>[2]][] = [
      ...Object.entries(json).map(([path, body]): [string, object] => [path, { body }]),
      ['/v1/instruments/imports', { body: kiteCsv(contracts(3)), headers: { 'content-type': 'text/csv' } }],
    ];
    for (const [path, request] of requests) {
      const query = path === '/v1/instruments/imports' ? '?broker=located' : '';
      const made = await desk.request('POST', `${path}${query}`, { ...request, token });
      expect([path, made.status]).toEqual([path, 201]);
      const location = made.headers.get('location')!;
      const id = made.body.id ?? made.body.importId;
      expect(location).toBe(`${path}/${id}`);
      const read = await desk.request('GET', location, { token });
      expect([path, read.status, read.body.id]).toEqual([path, 200, id]);
    }
    const creates = operations().filter(({ operation }) => operation.responses['201']);
    expect(creates.map(({ path }) => path).sort()).toEqual(
      [...requests.map(([path]) => path), '/v1/instruments/imports/{id}/rollback'].sort(),
    );
    for (const { operation } of creates) expect(operation.responses['201'].headers.Location).toBeDefined();
  });

  it('every documented operation has a unique id and a one-line summary', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      operations()
        .filter(({ operation }) => !operation.operationId || !operation.summary)
        .map(({ path, method }) => `${method} ${path}`),
    ).toEqual([]);
  });

  it('every documented operation declares its errors', () => {
    for (const { operation } of operations()) {
      const { schema } = operation.responses['500'].content['application/problem+json'];
      expect(schema.allOf[0]).toEqual({ $ref: '#/components/schemas/Problem' });
    }
  });

  it('every documented schema is valid JSON Schema 2020-12', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', components: api.components });
    // Many operations have the same schema, and compiling one takes 30 ms.
    const schemas = new Set<string>();
    JSON.stringify(operations(), (key, value) => (key === 'schema' && schemas.add(JSON.stringify(value)), value));
    expect(schemas.size).toBeGreaterThan(50);
    for (const schema of schemas) {
      const rooted = JSON.parse(schema.replaceAll('"#/components', '"api#/components'));
      expect(() => ajv.compile(rooted)).not.toThrow();
    }
  });

  it('a problem matches its documented schema', async () => {
    const { body } = await desk.request('GET', '/v1/portfolios');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const validate = ajv.compile({ ...api.components.schemas.Problem, components: api.components });
    expect(validate(body)).toBe(true);
  });

  it('the documentation page loads only files that the desk serves', async () => {
    const page = await desk.request('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)=["'](?:https?:)?\/\//);
    for (const [, source] of page.body.matchAll(/src="([^"]+)"/g))
      expect((await desk.request('GET', new URL(source, `${desk.url}/`).pathname)).status).toBe(200);
    expect(page.body).not.toMatch(/<script>/);
  });

  it.each(['[', 'a b', '@', 'desk:port'])(
    'the AsyncAPI document is answered to a request for the host %j',
    async (host) => {
      const { port } = new URL(desk.url);
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.end(`GET /asyncapi.json HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
        ).once('error', reject);
        socket.once('data', (chunk) => (resolve(String(chunk)), socket.destroy()));
      });
      expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400) /);
    },
  );

  it('the AsyncAPI 3 document has a schema for every message', async () => {
    const { body } = await desk.request('GET', '/asyncapi.json');
    expect(body.asyncapi).toMatch(/^3\./);
    expect(body.servers.desk).toMatchObject({ host: new URL(desk.url).host, protocol: 'ws' });
    const names = Object.values<any>(body.components.messages).map((message) => message.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'dashboard:subscribe',
        'dashboard:delta',
        'dashboard:snapshot',
        'flow',
        'auth:expiring',
        'server:draining',
      ]),
    );
    for (const message of Object.values<any>(body.components.messages)) {
      expect(message.summary).toEqual(expect.any(String));
      const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema({
        $id: 'api',
        components: body.components,
      });
      const payload = JSON.stringify(message.payload).replaceAll('"#/components', '"api#/components');
      expect(() => ajv.compile(JSON.parse(payload))).not.toThrow();
    }
  });
});
