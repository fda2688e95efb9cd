import { Database, Transactions } from '#database';
import { startTestApp, type TestApp } from '../setup/test-app.js';

/** Tables that statements of the open transaction refer to; partitions count as their table. */
const LOCKED = `
SELECT DISTINCT coalesce(pg_partition_root(c.oid)::regclass, c.oid::regclass)::text AS name
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = pg_backend_pid() AND c.relkind IN ('r', 'p') AND n.nspname = 'public' ORDER BY 1`;

describe('reads that may be stale', () => {
  let app: TestApp;
  const seen: { declared: readonly string[]; locked: string[] }[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    const [transactions, database] = [app.get(Transactions), app.get(Database)];
    transactions.staleSnapshot = (declared, work) =>
      transactions.readSnapshot(async () => {
        const result = await work();
        const rows = await database.rows<{ name: string }>(LOCKED);
        seen.push({ declared, locked: rows.map(({ name }) => name) });
        return result;
      });
  });

  afterAll(() => app?.close());

  it('each read that may go to a replica reads exactly the tables that it declares', async () => {
    const { token, userId } = await app.login('trader');
    const sent = await app.request('PUT', '/v1/portfolios/stale-reads/snapshot', {
      ...{
        token,
        body: {
          broker: 'zerodha',
          account: 'A1',
          currency: 'INR',
          asOf: new Date().toISOString(),
          cash: '5',
          positions: [],
        },
      },
    });
    expect(sent.status).toBeLessThan(300);
    const paths = [
      `/v1/events?userId=${userId}&type=NewsPublished&from=2026-01-01T00:00:00Z`,
      '/v1/filings?form=8-K&cik=320193&ticker=AAPL',
      '/v1/filings?amendments=only',
      '/v1/portfolios/stale-reads/history?step=1d',
    ];
    for (const path of paths) expect([path, (await app.request('GET', path, { token })).status]).toEqual([path, 200]);
    expect(seen).toHaveLength(paths.length);
    for (const { declared, locked } of seen) expect(locked).toEqual([...declared].sort());
  });
});
