import { createServer, type RequestListener, type Server } from 'node:http';
import { regionsConfig } from '#regions/config';
import { eventually } from '../setup/eventually.js';
import { FaultProxy } from '../setup/fault-proxy.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

/** A region: answers its health check like a desk. */
async function serve(answer: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

const ready: RequestListener = ({ url }, response) =>
  response
    .writeHead(url === '/health/ready' ? 200 : 404, { 'content-type': 'application/json' })
    .end('{"status":"ready"}');

describe('a desk without regions', () => {
  let app: TestApp;

  beforeAll(async () => void (app = await startTestApp()));
  afterAll(() => app?.close());

  it('lists none, and exposes no series of regions and of a router', async () => {
    expect((await app!.request('GET', '/v1/regions')).body).toEqual({ region: null, orderedBy: 'latency', items: [] });
    const { body } = await app.request<string>('GET', '/metrics');
    expect(body).not.toMatch(/^(region_|database_replica_)/m);
  });
});

describe('regions', () => {
  const servers: Server[] = [];
  const proxies: Record<'eu' | 'us' | 'in', FaultProxy> = {} as never;
  let router: FaultProxy;
  let app: TestApp | undefined;

  beforeAll(async () => {
    for (const name of ['eu', 'us', 'in'] as const) {
      const { server, url } = await serve(ready);
      servers.push(server);
      proxies[name] = await FaultProxy.start(url);
    }
    const forward: RequestListener = async ({ url }, response) => {
      if (app === undefined) return void response.writeHead(503).end(); // the desk still starts
      const { status, headers, body } = await app.request('GET', url!);
      response.writeHead(status, { 'content-type': headers.get('content-type')! }).end(JSON.stringify(body));
    };
    const routing = await serve(forward);
    servers.push(routing.server);
    router = await FaultProxy.start(routing.url);
    const places = { eu: '50.11/8.68', us: '39.04/-77.49', in: '19.08/72.88' };
    const regions = (['us', 'in', 'eu'] as const).map((name) => `${name}=${proxies[name].url}@${places[name]}`);
    app = await startTestApp({
      env: { REGION: 'eu', REGIONS: regions.join(','), REGION_ROUTER_URL: router.url },
      internals: [regionsConfig.with({ probeEveryMs: 50, probeTimeoutMs: 2_000 })],
    });
  });

  afterAll(async () => {
    await app?.close();
    for (const proxy of [...Object.values(proxies), router]) await proxy?.become('refuse');
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const list = async (query = '') => (await app!.request('GET', `/v1/regions${query}`)).body;
  const names = async (query = '') => (await list(query)).items.map(({ name }: { name: string }) => name);
  const healthOf = async (name: string) => (await list()).items.find((one: { name: string }) => one.name === name);
  const allUp = () =>
    eventually(async () => expect((await list()).items.map(({ health }: any) => health)).toEqual(['up', 'up', 'up']));
  const metric = async (pattern: RegExp) =>
    Number(pattern.exec((await app!.request<string>('GET', '/metrics')).body)?.[1] ?? NaN);

  it('a client that says where it is gets the nearest region first, without signing in', async () => {
    await allUp();
    expect(await names('?lat=18.52&lon=73.86')).toEqual(['in', 'eu', 'us']);
    expect(await names('?lat=40.71&lon=-74.01')).toEqual(['us', 'eu', 'in']);
    expect(await names('?near=in')).toEqual(['in', 'eu', 'us']);
    const { region, orderedBy, items } = await list('?near=us');
    expect([region, orderedBy]).toEqual(['eu', 'distance']);
    expect(items[0]).toMatchObject({ name: 'us', here: false, health: 'up', distanceKm: 0, failure: null });
    expect(items[1]).toMatchObject({ name: 'eu', here: true });
  });

  it('a client that does not say where it is gets the region with the lowest latency first', async () => {
    proxies.eu.delayMs = 400;
    proxies.us.delayMs = 150;
    await eventually(async () => expect(await names()).toEqual(['in', 'us', 'eu']));
    expect((await list()).orderedBy).toBe('latency');
    await eventually(async () =>
      expect(await metric(/^region_latency_seconds\{.*region="eu".*\} (\S+)$/m)).toBeGreaterThan(0.3),
    );
    expect(await names()).toEqual(['in', 'us', 'eu']);
    proxies.eu.delayMs = 0;
    proxies.us.delayMs = 0;
  });

  it.each([
    ['hangs', 'hang', 'timeout'],
    ['refuses connections', 'refuse', 'unreachable'],
    ['resets connections', 'reset', 'unreachable'],
  ] as const)(
    'a region that %s is down, comes last for the client beside it, and recovers',
    async (_, mode, failure) => {
      await allUp();
      await proxies.in.become(mode);
      await eventually(async () =>
        expect(await healthOf('in')).toMatchObject({ health: 'down', failure, latencyMs: null }),
      );
      expect(await names('?near=in')).toEqual(['eu', 'us', 'in']);
      expect(await metric(/^region_up\{.*region="in".*\} (\d)$/m)).toBe(0);
      expect(await metric(/^region_latency_seconds\{.*region="in".*\} (\S+)$/m)).toBeNaN();
      expect(await healthOf('eu')).toMatchObject({ health: 'up' });
      await proxies.in.become('pass');
      await allUp();
      expect(await metric(/^region_up\{.*region="in".*\} (\d)$/m)).toBe(1);
    },
  );

  it('a region that answers slower than the timeout is down, and delays no probe of another region', async () => {
    await allUp();
    proxies.us.delayMs = 2_500;
    await eventually(async () => expect(await healthOf('us')).toMatchObject({ health: 'down', failure: 'timeout' }));
    expect(await healthOf('eu')).toMatchObject({ health: 'up' });
    proxies.us.delayMs = 0;
    await allUp();
  });

  it('the answer may be cached until the next probe, and is revalidated by its ETag', async () => {
    const { headers } = await app!.request('GET', '/v1/regions?near=eu');
    expect(headers.get('cache-control')).toBe('public, max-age=1, stale-if-error=86400');
    const etag = headers.get('etag')!;
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    const other = await app!.request('GET', '/v1/regions?near=us', { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
    await eventually(async () => {
      const now = (await app!.request('GET', '/v1/regions?near=eu')).headers.get('etag')!;
      const again = await app!.request('GET', '/v1/regions?near=eu', { headers: { 'if-none-match': now } });
      expect([again.status, again.body]).toEqual([304, '']);
    });
  });

  it.each(['?lat=91&lon=0', '?lat=1', '?lon=1', '?lat=1&lon=x', '?near=mars', '?near=eu&lat=1&lon=1', '?place=eu'])(
    'a query with a wrong place is refused with the field and what is allowed: %s',
    async (query) => {
      const { status, body } = await app!.request('GET', `/v1/regions${query}`);
      expect([status, body.code]).toEqual([400, 'REQUEST_INVALID']);
      expect(body.errors).toHaveLength(1);
    },
  );

  it('the router is up while the list of regions can be read through it, and down when it hangs or answers something else', async () => {
    const routerUp = () => metric(/^region_router_up\{.*region="eu".*\} (\d)$/m);
    await eventually(async () => expect(await routerUp()).toBe(1));
    await router.become('hang');
    await eventually(async () => expect(await routerUp()).toBe(0));
    await router.become('pass');
    await eventually(async () => expect(await routerUp()).toBe(1));
    servers
      .at(-1)!
      .removeAllListeners('request')
      .on('request', (_, response) => response.end('<h1>Welcome</h1>'));
    await eventually(async () => expect(await routerUp()).toBe(0));
    expect(await metric(/^region_router_probes_total\{.*outcome="invalid".*\} (\d+)$/m)).toBeGreaterThan(0);
  });
});
