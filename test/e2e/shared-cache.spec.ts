import { createHash } from 'node:crypto';
import { Egress } from '#egress';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const PATH = '/hooks/a-path-that-protects-it';
/** Every key and its value. Redis would compress what DUMP returns. */
const CONTENT = `
  local read, all = { string = 'GET', hash = 'HGETALL' }, {}
  for _, key in ipairs(redis.call('KEYS', '*')) do
    all[#all + 1] = key
    all[#all + 1] = redis.call(read[redis.call('TYPE', key).ok] or 'DUMP', key)
  end
  return all`;

describeWithRedis('two processes of a desk with one Redis', () => {
  let server: RedisServer;
  let apps: [TestApp, TestApp];
  let receiver: TestReceiver;
  beforeAll(async () => {
    server = await RedisServer.start();
    receiver = await new TestReceiver().open();
    const env = { REDIS_URL: server.url };
    const first = await startTestApp({ env });
    apps = [first, await startTestApp({ env, database: first.database })];
    for (const app of apps) app.get(Egress).allow(receiver.host);
  });
  afterAll(async () => {
    await apps[1].close();
    await apps[0].close();
    await receiver.close();
    await server.stop();
  });
  const report = async (app: TestApp, token: string, name: string) => {
    const { body } = await app.request('GET', '/v1/system/cache', { token });
    expect(body.redis).toEqual({ enabled: true, available: true });
    return body.items.find((cache: any) => cache.name === name);
  };
  const stored = (app: TestApp, token: string, name: string) =>
    eventually(async () => expect((await report(app, token, name)).redis.stored).toBeGreaterThan(0));

  it('a page of the instrument search that one process loaded is answered by the other without a query', async () => {
    const { token } = await apps[0].login('operator');
    const pages = (app: TestApp) => report(app, token, 'instrument_pages');
    // Another page each time: a process that has just read a change takes no value that was loaded before it.
    let attempts = 0;
    await eventually(async () => {
      const path = `/v1/instruments?query=RELIANCE${attempts++}`;
      const [{ redis }, before] = await Promise.all(apps.map(pages));
      const { body } = await apps[0].request('GET', path, { token });
      await eventually(async () => expect((await pages(apps[0])).redis.stored).toBeGreaterThan(redis.stored));
      expect((await apps[1].request('GET', path, { token })).body).toEqual(body);
      expect(await pages(apps[1])).toMatchObject({
        ...{ promoted: before.promoted + 1, misses: before.misses },
        redis: { hits: before.redis.hits + 1 },
      });
    });
  });

  it('an import in one process changes the search of both', async () => {
    const { token } = await apps[0].login('operator');
    const path = '/v1/instruments?limit=3';
    for (const app of apps) expect((await app.request('GET', path, { token })).body.items).toEqual([]);
    const headers = { 'content-type': 'text/csv' };
    const body = kiteCsv(contracts(5));
    const imported = await apps[0].request('POST', '/v1/instruments/imports?broker=zerodha', { token, body, headers });
    expect(imported.status).toBe(201);
    // Its own write at once, that of the other process by the change feed.
    expect((await apps[0].request('GET', path, { token })).body.items).toHaveLength(3);
    expect((await apps[0].request('GET', '/v1/instruments/imports', { token })).body.items[0].id).toBe(
      imported.body.importId,
    );
    await eventually(async () => expect((await apps[1].request('GET', path, { token })).body.items).toHaveLength(3));
    await eventually(async () =>
      expect((await apps[1].request('GET', '/v1/instruments/imports', { token })).body.items).toHaveLength(1),
    );
  });

  it('a login that ends in one process is refused by the other, though Redis held it', async () => {
    const { token } = await apps[0].login('trader');
    const statuses = () =>
      Promise.all(apps.map(async (app) => (await app.request('GET', '/v1/portfolios', { token })).status));
    expect(await statuses()).toEqual([200, 200]);
    expect((await apps[0].request('POST', '/v1/auth/logout', { token })).status).toBeLessThan(300);
    await eventually(async () => expect(await statuses()).toEqual([401, 401]));
  });

  it('Redis holds no token, password, key, hash of a key, secret, path, address or name in plain text', async () => {
    const operator = await apps[0].login('operator');
    const { token } = operator;
    const made = await apps[0].request('POST', '/v1/auth/api-keys', {
      token,
      body: { name: 'robot', roles: ['operator'] },
    });
    const apiKey: string = made.body.key;
    expect(apiKey).toMatch(/^dwk_/);
    const url = new URL(PATH, receiver.url).href;
    const hook = await apps[0].request('POST', '/v1/webhooks', { token, body: { url } });
    expect(hook.status).toBe(201);
    for (const app of apps) expect((await app.request('GET', '/v1/portfolios', { token: apiKey })).status).toBe(200);
    await stored(apps[0], token, 'credential_status');
    await eventually(async () => {
      // Redis may be too slow for one load on a busy machine. The next one stores the target.
      await apps[0].request('POST', `/v1/webhooks/${hook.body.id}/test`, { token });
      const reports = await Promise.all(apps.map((app) => report(app, token, 'webhook_targets')));
      expect(reports.reduce((sum, { redis }) => sum + redis.stored, 0)).toBeGreaterThan(0);
    });
    const hash = createHash('sha256').update(apiKey);
    const secrets = [token, operator.refreshToken, operator.email, operator.password, operator.userId, apiKey, PATH];
    const bytes = [...secrets, hook.body.secret as string].map((text) => Buffer.from(text));
    bytes.push(hash.digest(), Buffer.from((hook.body.secret as string).replace('whsec_', ''), 'base64'));
    // Values expire soon, so Redis is read while requests fill it.
    const names = new Set<string>();
    for (let round = 0; round < 8; round++) {
      for (const app of apps) await app.request('GET', '/v1/portfolios', { token: apiKey });
      const lines = server.command('EVAL', CONTENT, '0');
      for (const line of lines) if (line.startsWith('deskwire:')) names.add(line.split(':').slice(0, 3).join(':'));
      const text = lines.join('\n').toLowerCase();
      for (const secret of bytes)
        for (const encoding of ['latin1', 'base64', 'hex'] as const)
          expect(text).not.toContain(secret.toString(encoding).toLowerCase().slice(0, 16));
    }
    expect(names).toContain('deskwire:cache:credential_status');
  });
});
