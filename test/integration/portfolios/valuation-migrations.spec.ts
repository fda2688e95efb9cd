import type { Principal } from '#auth';
import { PortfoliosModule } from '#portfolios';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { BareDatabase } from '../../setup/bare-database.js';
import { testModule } from '../../setup/test-module.js';

const FIRST = 'AddValuationInputs1766000500000';
const AS_OF = '2026-08-17T03:45:00Z';
const one = { key: 'A', quantity: '10', averagePrice: '99.50', lastPrice: '100.05', previousClose: '99' };
/** Portfolios of every kind: their columns beside those that each has. */
const PORTFOLIOS: Record<string, { cash?: string; positions: object[]; more?: Record<string, unknown> }> = {
  plain: { positions: [one] },
  empty: { positions: [] },
  legs: {
    positions: [
      { ...one, leg: 'LONG', valuation: 'margined', settlementPrice: '100' },
      { ...one, leg: 'SHORT', quantity: '-4', valuation: 'margined', pricing: 'inverse' },
    ],
  },
  unknown: { positions: [{ ...one, averagePrice: null, previousClose: '0', multiplier: '0' }] },
  closed: { positions: [one], more: { closed_at: '2026-08-18T00:00:00Z' } },
  given: {
    cash: '0',
    positions: [{ ...one, dayPnl: '1.50', value: '1000', day: { openQuantity: '10' } }],
    more: {
      ...{ venue: 'NSE', given_value: '1200.50', given_day_pnl: '-3', day_fees: '1' },
      day_roll: JSON.stringify({ timeZone: 'America/New_York', at: '17:00' }),
      cash_balances: JSON.stringify([{ currency: 'USD', amount: '20.5' }]),
    },
  },
};

describe('the migrations to derived values, with data of every kind', () => {
  let bare: BareDatabase;
  beforeAll(async () => {
    bare = await BareDatabase.open();
  });
  afterAll(() => bare.close());
  const rows = (sql: string) => bare.rows(sql);
  /** What the tables of before can hold. */
  const kept = async () => ({
    portfolios: await rows(
      'SELECT portfolio_id, user_id, cash::text, positions, position_keys, content_digest, as_of, updated_at FROM portfolio_snapshots ORDER BY 1',
    ),
    quotes: await rows(
      'SELECT broker, instrument_key, price::text, previous_close::text, as_of FROM quotes ORDER BY 1, 2',
    ),
    history: await rows(
      'SELECT portfolio_id, as_of, value::text, cash::text FROM portfolio_history WHERE value IS NOT NULL ORDER BY 1, 2',
    ),
  });

  it('down and up again keep every snapshot, quote and known point, and the desk values them as before', async () => {
    const migrator = bare.migrator;
    const applied = await migrator.up();
    const steps = applied.length - applied.indexOf(FIRST);
    const [owner] = await rows(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('a@example.com', 'x', 'A', '{trader}') RETURNING id`,
    );
    for (const [id, { cash = '1000.00', positions, more = {} }] of Object.entries(PORTFOLIOS)) {
      const columns = Object.keys(more);
      const places = columns.map((_, n) => `, $${n + 5}`).join('');
      await bare.client.query(
        `INSERT INTO portfolio_snapshots (portfolio_id, user_id, broker, account, currency, cash, positions, position_keys, position_count, content_digest, as_of${columns.map((name) => `, ${name}`).join('')})
         VALUES ($1, $2, 'zerodha', 'A1', 'INR', $3, $4, '{A}', jsonb_array_length($4::jsonb), '\\x01', '${AS_OF}'${places})`,
        [id, owner!['id'], cash, JSON.stringify(positions), ...Object.values(more)],
      );
    }
    await bare.client.query(`
      INSERT INTO portfolio_history (portfolio_id, as_of, value, cash, day_pnl)
      VALUES ('plain', '${AS_OF}', 2000.50, 1000, 10.5), ('plain', '2026-08-17T03:46:00Z', 5, 1000, NULL), ('unknown', '${AS_OF}', NULL, 1000, NULL)`);
    // The close of A has rolled: its last mark of the day before is in its half hour.
    await bare.client.query(`
      INSERT INTO quotes (broker, instrument_key, price, kind, currency, as_of, previous_close, previous_close_date, previous_close_as_of)
      VALUES ('zerodha', 'A', 101.25, 'mark', 'INR', '2026-08-18T05:00:00.000001Z', 99, '2026-08-14', '2026-08-17T05:00:00Z'),
             ('zerodha', 'B', -37.63, 'last', NULL, '${AS_OF}', NULL, NULL, NULL)`);
    await bare.client.query(`
      INSERT INTO quote_marks (broker, instrument_key, slot, price, as_of)
      VALUES ('zerodha', 'A', '2026-08-17T09:30:00Z', 100.75, '2026-08-17T09:59:59Z')`);
    await bare.client.query(
      `INSERT INTO rates (base, quote, price, as_of, previous_close) VALUES ('USD', 'INR', 88.5, now(), 88)`,
    );
    await bare.client.query(
      `INSERT INTO position_adjustments (broker, instrument_key, ex_date, factor, created_by) VALUES ('zerodha', 'A', '2026-08-01', 2, uuidv7())`,
    );
    const before = await kept();
    const valued = await values(owner!['id']);

    await migrator.down(steps);
    expect(await kept()).toEqual(before);
    // The columns of before have no null.
    const [{ count }] = (await rows(
      `SELECT count(*)::integer FROM portfolio_snapshots WHERE value IS NOT NULL AND day_pnl IS NOT NULL`,
    )) as [{ count: number }];
    expect(count).toBe(Object.keys(PORTFOLIOS).length);
    expect(await rows(`SELECT value::text, day_pnl::text FROM portfolio_history ORDER BY as_of`)).toEqual([
      { value: '2000.50', day_pnl: '10.5' },
      { value: '5', day_pnl: '0' },
    ]);

    await migrator.up();
    expect(await kept()).toEqual(before);
    expect((await migrator.check()).differences).toEqual([]);
    const again = await values(owner!['id']);
    // What the tables of before could not hold is gone, such as the broker's figure of a portfolio and that it is closed.
    for (const id of ['plain', 'empty', 'legs', 'unknown', 'closed'])
      expect([id, again[id]!.value, again[id]!.unrealised]).toEqual([id, valued[id]!.value, valued[id]!.unrealised]);
    // The tables of before do not say of which day a previous close is: it counts as that of its quote.
    expect([valued['plain']!.dayPnl, again['plain']!.dayPnl]).toEqual(['5', '22.5']);
    expect([valued['closed']!.closedAt !== undefined, again['closed']!.closedAt]).toEqual([true, undefined]);
    expect([valued['given']!.value, again['given']!.value]).toEqual(['1212.50', '1012']);
  });

  async function values(userId: string) {
    const module = await testModule([PortfoliosModule], { database: bare.database, env: { DESKWIRE_ROLE: 'web' } });
    try {
      const principal: Principal = {
        userId,
        roles: ['trader'],
        loginId: userId,
        expiresAt: new Date(8.64e15),
        via: 'login',
      };
      const found: Record<
        string,
        { value: string | null; dayPnl: string | null; unrealised: unknown[]; closedAt: string | undefined }
      > = {};
      for (const id of Object.keys(PORTFOLIOS)) {
        const { value, dayPnl, positions, closedAt } = await module.get(PortfoliosService).find(principal, id);
        found[id] = { value, dayPnl, unrealised: positions.map(({ unrealised }) => unrealised), closedAt };
      }
      return found;
    } finally {
      await module.close();
    }
  }
});
