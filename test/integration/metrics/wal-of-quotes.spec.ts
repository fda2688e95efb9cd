import { Database } from '#database';
import { alertRules } from '../../setup/alert-rules.js';
import { startTestApp, type TestApp } from '../../setup/test-app.js';

const ROUNDS = 6;
/** Other suites write to the same server, so the least of the rounds counts: there is a quiet one. */
const MOST_ROUNDS = 60;
const QUOTES = 1_000;

describe('the write-ahead log of quotes', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startTestApp()));
  afterAll(() => app.close());

  // Measured: 343 bytes for a new row, 165 for a changed one.
  it('stored quotes write no more WAL than the alert rule WALGrowth takes as explained by them', async () => {
    const { token } = await app.login('operator');
    const written = async () => {
      const sql = `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS bytes`;
      return (await app.get(Database).rows<{ bytes: number }>(sql))[0]!.bytes;
    };
    const rule = alertRules.find(({ name }) => name === 'WALGrowth')!;
    const explained = Number(/ - (\d+) \* sum/.exec(rule.expression)![1]);
    const each: number[] = [];
    for (let round = 0; round < ROUNDS || (Math.min(...each) >= explained && round < MOST_ROUNDS); round++) {
      const asOf = new Date(Date.now() - 120_000 + round * 1_000).toISOString();
      const quotes = Array.from({ length: QUOTES }, (_, at) => ({
        ...{ broker: 'zerodha', key: `NSE:S${at}`, price: `${100 + round}.${at % 100}`, currency: 'INR', asOf },
      }));
      const before = await written();
      expect((await app.request('POST', '/v1/quotes', { token, body: { quotes } })).body.stored).toBe(QUOTES);
      each.push(((await written()) - before) / QUOTES);
    }
    expect(Math.min(...each)).toBeLessThan(explained);
    expect(Math.min(...each)).toBeGreaterThan(explained / 10);
  });
});
