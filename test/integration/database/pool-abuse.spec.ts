import { once } from 'node:events';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, DataSources } from '#database';
import { databaseConfig } from '#database/config';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment, testInternals } from '../../setup/test-environment.js';
import { events, startAbusedDesk } from './abused-desk.fixture.js';

/** A multiple of 50. */
const REQUESTS = process.env['CHAOS'] === 'true' ? 10_000 : 300;

interface Answer {
  status: number;
  retryAfter: string | null;
  code: string | undefined;
}

describe('a pool of two connections', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let url: string;

  beforeEach(async () => void (database = await createTestDatabase()));
  afterEach(async () => {
    events.emit('let go');
    app.getHttpServer().closeAllConnections(); // aborted clients leave connections opened and never used
    await app.close();
    await database.drop();
  });

  async function start(limits: Parameters<typeof databaseConfig.with>[0] = {}): Promise<void> {
    ({ app, url } = await startAbusedDesk(
      testEnvironment(database.url, {
        ...{ DESKWIRE_ROLE: 'web', DATABASE_POOL_MAX: '2', DATABASE_ANALYTICS_POOL_MAX: '2' },
      }),
      [...testInternals, databaseConfig.with(limits)],
    ));
  }

  async function get(path: string, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(url + path, signal ? { signal } : {});
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, retryAfter: response.headers.get('retry-after'), code };
  }

  /** Aborts the request while the handler holds its connection. */
  async function hangUp(id: number): Promise<'gone'> {
    const leaving = new AbortController();
    events.once(`held:${id}`, () => leaving.abort());
    return get(`/abuse/leave/${id}`, leaving.signal).then(
      () => Promise.reject(new Error('answered before the client disconnected')),
      () => 'gone',
    );
  }

  /** 15 of 50 requests fail: 3 time out, 6 throw, 6 are aborted. */
  function request(id: number): Promise<Answer | 'gone'> {
    const kind = (id * 7) % 50;
    if (kind < 3) return get(`/abuse/slow/${id}`);
    if (kind < 9) return get(`/abuse/throw/${id}`);
    if (kind < 15) return hangUp(id);
    return get(kind < 40 ? `/abuse/ok/${id}` : '/abuse/look');
  }

  it(`a pool of two connections serves ${REQUESTS} requests of which 30 % throw, are aborted or time out, and leaks no connection`, async () => {
    // PostgreSQL itself would end a transaction that is left open.
    await start({ statementTimeoutMs: 9_000, acquireTimeoutMs: 20_000, idleInTransactionTimeoutMs: 600_000 });
    const answers: Record<string, number> = {};
    let next = 0;
    const client = async () => {
      while (next < REQUESTS) {
        const answer = await request(next++);
        const said =
          answer === 'gone' ? answer : [answer.status, answer.code, answer.retryAfter].filter(Boolean).join(' ');
        answers[said] = (answers[said] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 20 }, client));
    expect(answers).toEqual({
      ...{ 200: REQUESTS * 0.7, gone: REQUESTS * 0.12, '500 INTERNAL_ERROR': REQUESTS * 0.12 },
      '503 DATABASE_TIMEOUT 1': REQUESTS * 0.06,
    });

    const sources = app.get(DataSources);
    await eventually(() => {
      for (const name of ['app', 'analytics'] as const) {
        const { inUse, waitingCount, totalCount } = sources.pool(name);
        expect({ name, inUse, waitingCount, most: Math.max(totalCount, 2) }).toEqual({
          name,
          inUse: 0,
          waitingCount: 0,
          most: 2,
        });
      }
    });
    expect(sources.held.secondAcquisitions).toBe(0);
    expect(await app.get(Database).rows('SHOW statement_timeout')).toEqual([{ statement_timeout: '9s' }]);
    // The desk's own tasks have transactions, too, which end.
    await eventually(async () => {
      const open = await app
        .get(Database)
        .rows(
          `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
        );
      expect(open).toEqual([]);
    });
    const [committed] = await app.get(Database).rows('SELECT count(*)::int FROM abuse');
    expect(committed).toEqual({ count: REQUESTS * 0.62 }); // the writes of aborted requests are committed
  });

  it('a pool of two connections answers 503 with Retry-After when it is exhausted, and health reports degraded', async () => {
    await start({ acquireTimeoutMs: 1_000 });
    const holding = [1, 2].map((id) => once(events, `held:${id}`));
    const held = [1, 2].map((id) => get(`/abuse/hold/${id}`));
    await Promise.all(holding);

    // A request waits for 1 s and health caches its answer for 250 ms, so a slow machine needs several waiting requests.
    const refused: Promise<Answer>[] = [];
    await eventually(async () => {
      refused.push(get('/abuse/ok/3'), get('/abuse/ok/4'));
      await eventually(() => expect(app.get(DataSources).pool('app').waitingCount).toBeGreaterThanOrEqual(1));
      const health = await fetch(`${url}/health`);
      expect([health.status, await health.json()]).toMatchObject([
        200,
        {
          status: 'degraded',
          checks: { database: { status: 'degraded', inUse: 2, waiting: expect.any(Number), max: 2 } },
        },
      ]);
    });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    for (const answer of await Promise.all(refused))
      expect(answer).toEqual({ status: 503, retryAfter: '1', code: 'DATABASE_POOL_EXHAUSTED' });

    events.emit('let go');
    expect((await Promise.all(held)).map((answer) => answer.status)).toEqual([200, 200]);
    expect((await get('/abuse/ok/5')).status).toBe(200);
  });

  it('a pool of two connections answers 503 when connections in use are killed, and then uses new ones', async () => {
    await start();
    const holding = once(events, 'held:1');
    const held = get('/abuse/hold/1');
    await holding;
    let removed = 0;
    app
      .get(DataSources)
      .pool('app')
      .on('remove', () => removed++);
    const killed: unknown[] = await app
      .get(DataSources)
      .analytics.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'deskwire-app' AND datname = current_database()`,
      );
    await eventually(() => expect(removed).toBeGreaterThanOrEqual(killed.length)); // the pool has noticed their end
    events.emit('let go');
    expect(await held).toEqual({ status: 503, retryAfter: '1', code: 'DATABASE_UNAVAILABLE' });
    expect((await get('/abuse/ok/2')).status).toBe(200);
    await eventually(() => expect(app.get(DataSources).pool('app').inUse).toBe(0));
    expect(await app.get(Database).rows('SELECT id FROM abuse')).toEqual([{ id: '2' }]);
  });
});
