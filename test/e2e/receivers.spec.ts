import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { Egress } from '#egress';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const VALUE = 'made-up-key-of-the-receiver';
/** A receiver as a user gave it, or the same of our own making: its host is that of the test. */
const field = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'field/ops/webhook_with_header.json');
const { headers } = existsSync(field)
  ? (JSON.parse(readFileSync(field, 'utf8')) as { headers: Record<string, string> })
  : { headers: { 'x-api-key': 'made-up' } };
const given = { headers };

describe('receivers as they really are', () => {
  let app: TestApp;
  let receiver: TestReceiver;
  let trader: string;
  let operator: string;

  beforeAll(async () => {
    receiver = await new TestReceiver().open();
    app = await startTestApp({ internals: [deliveriesConfig.with({ pollMs: 50 })] });
    app.get(Egress).allow(receiver.host);
    [trader, operator] = [(await app.login('trader')).token, (await app.login('operator')).token];
  });
  afterAll(async () => {
    await app.close();
    await receiver.close();
  });
  beforeEach(() => {
    receiver.answer = () => ({ status: 200, body: 'ok' });
    receiver.receipts.length = 0;
  });

  const call = (method: string, path: string, body?: unknown, token = trader) =>
    app.request(method, `/v1/webhooks${path}`, { token, ...(body === undefined ? {} : { body }) });
  const add = async (more: object = {}) => {
    const { status, body } = await call('POST', '', { url: receiver.url, ...more });
    expect([status, body.errors]).toEqual([201, undefined]);
    return body as { id: string; secret: string; headerNames: string[] };
  };
  /** Waits for a message that passes, because a process learns of a change a moment later. */
  const sentWith = (id: string, name: string, value: string | undefined) =>
    eventually(async () => {
      const { headers: found } = await sent(id);
      expect(found[name]).toBe(value);
      return found;
    });
  const sent = async (id: string) => {
    expect((await call('POST', `/${id}/test`)).body).toMatchObject({ delivered: true });
    return receiver.receipts.at(-1)!;
  };
  let named = 0;
  const enqueue = (endpointId: string, count: number) =>
    app.get(Transactions).atomic(() =>
      app.get(DeliveryQueue).enqueue(
        Array.from({ length: count }, () => ({
          ...{ alertId: null, endpointId, messageId: `m${named++}`, body: '{}' },
        })),
      ),
    );

  it('headers are sent with each message, and no answer, row or record shows their values', async () => {
    const { id, headerNames } = await add({ ...given, description: 'n8n' });
    expect(headerNames).toEqual(['x-api-key']);
    expect((await sent(id)).headers['x-api-key']).toBe(given.headers['x-api-key']);
    const replaced = await call('PATCH', `/${id}`, { headers: { Authorization: `Bearer ${VALUE}`, 'X-Desk': VALUE } });
    expect(replaced.body).toMatchObject({ headerNames: ['authorization', 'x-desk'] });
    const found = await sentWith(id, 'x-desk', VALUE);
    expect([found.authorization, found['x-api-key']]).toEqual([`Bearer ${VALUE}`, undefined]);
    const answers = await Promise.all([
      call('GET', `/${id}`),
      call('GET', ''),
      call('GET', '', undefined, operator),
      app.request('GET', '/v1/events?type=WebhookChanged', { token: trader }),
      app.request('GET', '/v1/audit', { token: (await app.login('admin')).token }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(VALUE);
    expect(JSON.stringify(answers[4]!.body)).toContain('x-desk');
    for (const table of [
      'webhook_endpoints',
      'idempotency_keys',
      'trading_events',
      'audit_records',
      'delivery_lanes',
    ]) {
      const [row] = await app
        .get(Database)
        .rows<{ text: string }>(`SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM ${table} t`);
      expect([table, row!.text.includes(VALUE)]).toEqual([table, false]);
    }
    // A change of another setting keeps them, and null removes them.
    await call('PATCH', `/${id}`, { description: 'kept' });
    await sentWith(id, 'x-desk', VALUE);
    expect((await call('PATCH', `/${id}`, { headers: null })).body.headerNames).toEqual([]);
    await sentWith(id, 'x-desk', undefined);
  });

  it('basic auth is the header Authorization, and a refusal does not repeat what was given', async () => {
    const { id } = await add({ basicAuth: { username: 'desk', password: VALUE } });
    expect((await sent(id)).headers.authorization).toBe(`Basic ${Buffer.from(`desk:${VALUE}`).toString('base64')}`);
    for (const body of [
      { headers: { 'x-a': `${VALUE}\n` } },
      { headers: { 'x-a': `é${VALUE}` } },
      { basicAuth: `desk:${VALUE}` },
      { basicAuth: { username: 'a:b', password: VALUE } },
      { secret: VALUE },
    ]) {
      const refused = await call('POST', '', { url: receiver.url, ...body });
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused.body)).not.toContain(VALUE);
    }
  });

  it('headers do not follow the URL to another host', async () => {
    const { id } = await add(given);
    const other = await new TestReceiver().open();
    app.get(Egress).allow(other.host);
    // An operator sees neither path nor headers, and must not learn them by moving the webhook.
    for (const token of [trader, operator])
      expect(await call('PATCH', `/${id}`, { url: other.url }, token)).toMatchObject({
        status: 400,
        body: { code: 'WEBHOOKS_HEADERS_NEEDED', errors: [{ field: 'headers' }] },
      });
    expect((await call('PATCH', `/${id}`, { url: `${receiver.url}-2` })).body.headerNames).toEqual(['x-api-key']);
    expect((await call('PATCH', `/${id}`, { url: other.url, headers: null })).body.headerNames).toEqual([]);
    await other.close();
  });

  it('a secret that the receiver has already signs, and is shown once', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const made = await add({ secret: secret.slice('whsec_'.length) });
    expect(made.secret).toBe(secret);
    receiver.secrets = [secret];
    expect((await sent(made.id)).verified).toBe(true);
    expect(JSON.stringify((await call('GET', `/${made.id}`)).body)).not.toContain(secret.slice(6));
  });

  it('messages have the format of Teams, and of Telegram with the chat of the URL', async () => {
    const teams = await sent((await add({ format: 'teams' })).id);
    expect(JSON.parse(teams.body)).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
    });
    const url = `${new URL(receiver.url).origin}/bot1:secret/sendMessage?chat_id=-1001`;
    const { id, secret } = await add({ format: 'telegram', url });
    receiver.secrets = [secret];
    const telegram = await sent(id);
    expect([JSON.parse(telegram.body), telegram.verified]).toMatchObject([{ chat_id: '-1001' }, true]);
    const missing = await call('POST', '', { url: 'https://api.telegram.org/bot1:a/getMe', format: 'telegram' });
    expect(missing.body).toMatchObject({
      code: 'WEBHOOKS_URL_REFUSED',
      errors: [{ field: 'url', allowed: expect.stringContaining('sendMessage?chat_id=<chat>') }],
    });
  });

  it('a webhook that Slack has removed is disabled at once, and its deliveries are held and counted', async () => {
    const { id: other } = await add({ format: 'slack' });
    receiver.answer = () => ({ status: 404, body: '<html>Not Found</html>' });
    await enqueue(other, 1);
    await eventually(async () =>
      expect((await call('GET', `/${other}/deliveries`)).body.items[0].statusCode).toBe(404),
    );
    expect((await call('GET', `/${other}`)).body).toMatchObject({ state: 'healthy', waiting: { pending: 1, held: 0 } });
    const { id } = await add({ format: 'slack' });
    receiver.answer = () => ({ status: 404, body: 'no_service' });
    await enqueue(id, 1);
    await eventually(async () =>
      expect((await call('GET', `/${id}`)).body).toMatchObject({ state: 'disabled', stateReason: 'gone' }),
    );
    await enqueue(id, 3);
    const { body } = await call('GET', `/${id}`);
    expect(body.waiting).toEqual({ pending: 0, held: 3 });
    const dead = await call('GET', `/${id}/deliveries?limit=10`);
    expect(dead.body.items.map(({ error }: { error: string | null }) => error)).toContain('HTTP 404: no_service');
    expect((await call('DELETE', `/${id}`)).body).toEqual({ id, cancelled: { pending: 0, held: 3 } });
  });
});
