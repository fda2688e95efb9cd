import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DeskHome } from '../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../apps/cli/postgres/embedded-postgres.js';
import { Database, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Jobs } from '#jobs';
import { deliveriesConfig } from '#deliveries/config';
import { feedsConfig } from '#feeds/config';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { made, rss } from '../integration/feeds/rss.fixture.js';
import { eventually } from '../setup/eventually.js';
import { prepareServer } from '../setup/prepared-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

const PRIVATE = { EGRESS_ALLOW_PRIVATE: 'true' };
const QUICK = [deliveriesConfig.with({ pollMs: 50, leaseMs: 8_000 }), feedsConfig.with({ pollMs: 100 })];

const webhook = async (app: TestApp, url: string): Promise<string> => {
  const { token } = await app.login('operator');
  return (await app.request('POST', '/v1/webhooks', { token, body: { url, desk: true } })).body.id;
};
const enqueue = (app: TestApp, endpointId: string, messageId: string) =>
  app
    .get(Transactions)
    .atomic(() => app.get(DeliveryQueue).enqueue([{ alertId: null, endpointId, messageId, body: '{}' }]));

describe('a desk that is read-only', () => {
  let receiver: Receiver;
  let feeds: FeedServer;
  let database: TestDatabase;
  beforeAll(async () => {
    [receiver, feeds, database] = await Promise.all([Receiver.start(), startFeedServer(), createTestDatabase()]);
    feeds.on('/rss', rss(made(1)));
  });
  afterAll(async () => {
    await Promise.all([receiver.stop(), feeds.close(), database.drop()]);
  });

  it('a read-only desk polls no feed, sends nothing and runs no job, and a writable one does it all', async () => {
    const web = await startTestApp({ database, env: { ...PRIVATE, DESKWIRE_ROLE: 'web' }, internals: QUICK });
    const endpoint = await webhook(web, receiver.url);
    const { token } = await web.login('operator');
    expect(
      (
        await web.request('POST', '/v1/feeds', {
          token,
          body: { name: 'wire', kind: 'rss', url: `${feeds.origin}/rss`, cadenceMs: 3_600_000 },
        })
      ).status,
    ).toBe(201);
    await enqueue(web, endpoint, 'waiting');
    await web.get(Jobs).add('filings.summarise', {});
    await web.close();
    const state = async (app: TestApp) => {
      const [row] = await app.get(Database).rows(
        `SELECT (SELECT count(*)::int FROM alert_delivery_queue WHERE status = 'pending') AS pending, (SELECT count(*)::int FROM feed_cycles) AS cycles,
                (SELECT count(*)::int FROM graphile_worker.jobs) > 0 AS jobs, (SELECT sum(attempts)::int FROM graphile_worker.jobs) AS attempts`,
      );
      return row;
    };

    const still = await startTestApp({ database, env: { ...PRIVATE, DB_READONLY: 'true' }, internals: QUICK });
    // Its tasks of 50 and 100 ms have run several times one second after the start.
    await eventually(async () =>
      expect((await still.request('GET', '/metrics')).body).toMatch(/^deliveries_pending 1$/m),
    );
    expect(await state(still)).toEqual({ pending: 1, cycles: 0, jobs: true, attempts: 0 });
    expect([receiver.receipts, feeds.requests]).toEqual([[], []]);
    await still.close();

    const app = await startTestApp({ database, env: PRIVATE, internals: QUICK });
    await eventually(() => expect(receiver.receipts.map(({ messageId }) => messageId)).toEqual(['waiting']));
    await eventually(async () => expect(await state(app)).toMatchObject({ pending: 0, cycles: 1 }));
    await app.close();
  });
});

describe('PostgreSQL that is restarted under two workers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-restart-'));
  const home = DeskHome.of({ DESKWIRE_HOME: folder });
  let postgres = new EmbeddedPostgres(home);
  let receiver: Receiver;
  const workers: TestApp[] = [];
  beforeAll(async () => {
    receiver = await Receiver.start();
    await prepareServer(folder, 'migrated');
    const { url } = await postgres.start();
    const database = { url, drop: () => Promise.resolve() };
    for (let n = 0; n < 2; n++) workers.push(await startTestApp({ database, env: PRIVATE, internals: QUICK }));
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await postgres.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  it('a restart of PostgreSQL loses no committed delivery, doubles at most those in flight, and sending resumes by itself', async () => {
    const endpoint = await webhook(workers[0]!, receiver.url);
    const committed: string[] = [];
    let publishing = true;
    const publishers = workers.map(async (worker, w) => {
      for (let n = 0; publishing; n++) {
        const message = `${w}-${n}`;
        await enqueue(worker, endpoint, message).then(
          () => committed.push(message),
          () => pause(50), // Not acknowledged, so not promised. Paces the repetitions.
        );
        await pause(25); // Paces the load.
      }
    });
    await eventually(() => expect(receiver.receipts.length).toBeGreaterThan(100));
    for (let restart = 0; restart < 2; restart++) {
      const [before, sent] = [committed.length, receiver.receipts.length];
      await postgres.stop();
      postgres = new EmbeddedPostgres(home);
      await postgres.start();
      await eventually(() =>
        expect([committed.length > before + 20, receiver.receipts.length > sent + 20]).toEqual([true, true]),
      );
    }
    publishing = false;
    await Promise.all(publishers);
    // Leases of sends with an unrecorded outcome last 8 s.
    await eventually(async () =>
      expect(
        await workers[0]!.get(Database).rows(`SELECT FROM alert_delivery_queue WHERE status <> 'delivered'`),
      ).toEqual([]),
    );
    const times = new Map<string, number>();
    for (const { messageId } of receiver.receipts) times.set(messageId, (times.get(messageId) ?? 0) + 1);
    expect(committed.filter((message) => !times.has(message))).toEqual([]);
    // Two restarts with ten sends in flight to one endpoint.
    expect([...times.values()].reduce((sum, n) => sum + n - 1, 0)).toBeLessThanOrEqual(2 * 10);
  });
});
