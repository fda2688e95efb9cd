import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('GET /v1/system/cache', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app.close());
  const report = async (token: string, name: string) =>
    (await app.request('GET', '/v1/system/cache', { token })).body.items.find((cache: any) => cache.name === name);

  it('operators see every cache of the process', async () => {
    const { token } = await app.login('operator');
    const { status, body } = await app.request('GET', '/v1/system/cache', { token });
    expect(status).toBe(200);
    expect(body.items.map((cache: any) => cache.name)).toEqual([
      'alert_rules',
      'catalogue',
      'credential_status',
      'host_turns',
      'instrument_facets',
      'instrument_imports',
      'instrument_pages',
      'webhook_targets',
    ]);
    expect(body.redis).toEqual({ enabled: false, available: false });
  });

  it('the cache report counts a hit per request of a known login, and shows its age', async () => {
    const { token } = await app.login('operator');
    const before = await report(token, 'credential_status');
    await report(token, 'credential_status');
    const after = await report(token, 'credential_status');
    expect(after.hits).toBeGreaterThan(before.hits);
    expect(after.hitRatio).toBeGreaterThan(0);
    expect(after.oldestMs).toBeGreaterThanOrEqual(0);
    expect(after).toMatchObject({ maxEntries: 50_000, loadFailures: 0, evictions: 0 });
  });

  it('the cache report is refused to traders and to callers without a token', async () => {
    const { token } = await app.login('trader');
    expect((await app.request('GET', '/v1/system/cache', { token })).status).toBe(403);
    expect((await app.request('GET', '/v1/system/cache')).status).toBe(401);
  });
});
