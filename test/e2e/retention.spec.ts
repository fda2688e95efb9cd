import { Database } from '#database';
import { EventLog } from '#events';
import { SecurityActRecorded } from '../../libs/audit/security-event.js';
import { EventPartitions } from '../../libs/events/event-partitions.js';
import { PortfolioPartitions } from '../../libs/portfolios/history/portfolio-partitions.js';
import { runTask } from '../setup/run-task.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);

describe('retention of what grows with use', () => {
  let desk: TestApp;
  beforeAll(async () => {
    desk = await startTestApp({ env: { EVENTS_RETENTION: '40d', PORTFOLIOS_HISTORY_RETENTION: '40d' } });
  });
  afterAll(() => desk.close());

  const rows = <T = any>(sql: string, ...values: unknown[]) => desk.get(Database).rows<T>(sql, values);
  const monthsOf = async (table: string) =>
    (await rows(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::text::regclass`, table))
      .map(({ name }) => name as string)
      .sort();

  it('months of events that ended before EVENTS_RETENTION are dropped, and old rows of no month are removed', async () => {
    const record = (days: number) =>
      desk.get(EventLog).record({
        ...{ type: SecurityActRecorded.type, occurredAt: ago(days) },
        payload: {
          ...{ recordId: '018f0000-0000-7000-8000-000000000000', action: 'spec', actorId: null, actorVia: 'system' },
          ...{ credentialId: null, subjectKind: 'spec', subjectId: null, ownerId: null, address: null },
          ...{ before: null, after: null },
        },
      });
    await desk.get(EventPartitions).ensure(ago(200));
    const before = await monthsOf('trading_events');
    const old = [await record(200), await record(500)];
    const recent = [await record(35), await record(0)];
    await runTask(desk, 'retention-trading_events');
    const left = (await rows('SELECT id FROM trading_events')).map(({ id }) => id);
    expect(old.filter(({ id }) => left.includes(id))).toEqual([]);
    expect(recent.filter(({ id }) => left.includes(id))).toHaveLength(2);
    const month = `trading_events_${ago(200).toISOString().slice(0, 7).replace('-', '_')}`;
    expect(before).toContain(month);
    const after = await monthsOf('trading_events');
    expect(after).not.toContain(month);
    expect(after).toEqual(expect.arrayContaining(['trading_events_default']));
  });

  it('months of the history of portfolios are dropped after PORTFOLIOS_HISTORY_RETENTION', async () => {
    await desk.get(PortfolioPartitions).ensure(ago(200));
    for (const days of [500, 200, 35, 0])
      await rows(
        'INSERT INTO portfolio_history (portfolio_id, as_of, value, cash, day_pnl) VALUES ($1, $2, 1, 1, 0)',
        'p',
        ago(days),
      );
    await runTask(desk, 'retention-portfolio_history');
    const left = await rows(`SELECT as_of FROM portfolio_history WHERE portfolio_id = 'p'`);
    expect(left).toHaveLength(2);
    expect(await monthsOf('portfolio_history')).not.toContain(
      `portfolio_history_${ago(200).toISOString().slice(0, 7).replace('-', '_')}`,
    );
  });

  it('API keys are removed 90 days after they were revoked or expired', async () => {
    const { token, userId } = await desk.login('trader');
    const make = async (name: string) => {
      const body = { name, roles: ['viewer'], expiresInDays: 1 };
      return (await desk.request('POST', '/v1/auth/api-keys', { token, body })).body.id as string;
    };
    const [revoked, expired, recent, active] = [await make('a'), await make('b'), await make('c'), await make('d')];
    await rows(`UPDATE api_keys SET revoked_at = $2 WHERE id = $1`, revoked, ago(91));
    await rows(`UPDATE api_keys SET expires_at = $2 WHERE id = $1`, expired, ago(91));
    await rows(`UPDATE api_keys SET revoked_at = $2, expires_at = $3 WHERE id = $1`, recent, ago(89), ago(-300));
    await runTask(desk, 'retention-api_keys');
    const left = await rows('SELECT id FROM api_keys WHERE user_id = $1 ORDER BY id', userId);
    expect(left.map(({ id }) => id)).toEqual([recent, active]);
  });
});
