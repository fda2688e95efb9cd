import { Database } from '#database';
import { Egress } from '#egress';
import { WebhookSecrets } from '#webhooks';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

const PATH = '/services/T0123/B4567/whole-secret-of-this-hook?key=also-secret';

describe('URLs of webhooks', () => {
  let database: TestDatabase;
  let receiver: TestReceiver;
  let desk: TestApp;
  let trader: string;
  let operator: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await new TestReceiver().open();
    desk = await startTestApp({ database });
    desk.get(Egress).allow(receiver.host);
    trader = (await desk.login('trader')).token;
    operator = (await desk.login('operator')).token;
  });
  afterAll(async () => {
    await desk.close();
    await receiver.close();
    await database.drop();
  });

  const url = () => new URL(PATH, receiver.url).href;
  const masked = () => `${new URL(receiver.url).origin}/********`;
  const add = async (token: string, more: object = {}) =>
    (await desk.request('POST', '/v1/webhooks', { token, body: { url: url(), ...more } })).body as {
      id: string;
      url: string;
      secret: string;
    };
  const shown = async (token: string, id: string) =>
    (await desk.request('GET', `/v1/webhooks/${id}`, { token })).body.url as string;
  const rows = <T = any>(sql: string, ...values: unknown[]) => desk.get(Database).rows<T>(sql, values);

  it('the owner reads the whole URL, an operator the origin only, and a desk webhook is read by operators', async () => {
    const { id, url: answered } = await add(trader);
    expect([answered, await shown(trader, id)]).toEqual([url(), url()]);
    expect(await shown(operator, id)).toBe(masked());
    const { body } = await desk.request('GET', '/v1/webhooks', { token: operator });
    expect(body.items.map((item: { url: string }) => item.url)).toEqual([masked()]);
    const own = await add(operator, { desk: true });
    expect(await shown(operator, own.id)).toBe(url());
  });

  it('no row contains the path of a URL in plain text, and deliveries are sent to it', async () => {
    const { id, secret } = await desk
      .request('POST', '/v1/webhooks', { token: trader, body: { url: url() }, headers: { 'idempotency-key': 'once' } })
      .then(({ body }) => body as { id: string; secret: string });
    const tables = ['webhook_endpoints', 'idempotency_keys', 'trading_events', 'audit_records', 'delivery_lanes'];
    for (const table of tables) {
      const [{ text }] = (await rows<{ text: string }>(
        `SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM ${table} t`,
      )) as [{ text: string }];
      expect([table, text.includes('whole-secret'), text.includes('also-secret')]).toEqual([table, false, false]);
    }
    receiver.secrets = [secret];
    const { body } = await desk.request('POST', `/v1/webhooks/${id}/test`, { token: trader });
    expect(body).toMatchObject({ delivered: true });
  });

  it('an operator who replaces the URL or makes a secret leaves an event that the owner reads', async () => {
    const { id } = await add(trader);
    const change = (body: object) => desk.request('PATCH', `/v1/webhooks/${id}`, { token: operator, body });
    // A client that sends back the masked URL changes nothing.
    expect((await change({ url: masked(), description: 'seen' })).status).toBe(200);
    expect(await shown(trader, id)).toBe(url());
    expect((await change({ url: `${url()}&moved=1` })).body.url).toBe(masked());
    expect((await desk.request('POST', `/v1/webhooks/${id}/rotate-secret`, { token: operator })).status).toBe(200);
    const events = async (type: string) =>
      (await desk.request('GET', `/v1/events?type=${type}`, { token: trader })).body.items.map(
        ({ payload }: any) => payload,
      );
    expect(await events('WebhookChanged')).toMatchObject([
      { endpointId: id, byOwner: false, changed: ['url'], fromHost: receiver.host },
      { endpointId: id, byOwner: false, changed: ['description'] },
    ]);
    expect(await events('WebhookSecretRotated')).toMatchObject([{ endpointId: id, byOwner: false }]);
  });

  it('a URL stored in plain text by an earlier version is sealed at the start and by a rewrap', async () => {
    const { id } = await add(trader);
    const store = () => rows(`UPDATE webhook_endpoints SET url = $2, sealed_path = NULL WHERE id = $1`, id, url());
    const stored = async () =>
      (await rows<{ url: string }>(`SELECT url FROM webhook_endpoints WHERE id = $1`, id))[0]!.url;
    await store();
    expect(await shown(trader, id)).toBe(url());
    const other = await startTestApp({ database });
    await other.close();
    expect([await stored(), await shown(trader, id)]).toEqual([new URL(receiver.url).origin, url()]);
    await store();
    expect(await desk.get(WebhookSecrets).rewrap()).toMatchObject([
      { rewrapped: 1, failed: [] },
      { rewrapped: 0 },
      { kind: 'webhook headers', rewrapped: 0 },
    ]);
    expect([await stored(), await shown(trader, id)]).toEqual([new URL(receiver.url).origin, url()]);
  });
});
