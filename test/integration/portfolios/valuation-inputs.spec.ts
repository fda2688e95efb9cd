import { BareDatabase } from '../../setup/bare-database.js';

const MIGRATION = 'AddValuationInputs1766000500000';

describe('the migration that adds what values derive from', () => {
  let bare: BareDatabase;
  beforeAll(async () => {
    bare = await BareDatabase.open();
  });
  afterAll(() => bare.close());
  const rows = (sql: string) => bare.rows(sql);

  it('the migration keeps every portfolio, quote and point of before, up, down and up again', async () => {
    const migrator = bare.migrator;
    const applied = await migrator.up();
    const steps = applied.length - applied.indexOf(MIGRATION);
    await migrator.down(steps);
    await bare.client.query(`
      WITH owner AS (
        INSERT INTO users (email, password_hash, display_name, roles) VALUES ('a@example.com', 'x', 'A', '{trader}') RETURNING id
      )
      INSERT INTO portfolio_snapshots (portfolio_id, user_id, broker, account, currency, cash, value, day_pnl, positions, position_keys, content_digest, as_of)
      SELECT 'p' || n, id, 'zerodha', 'A1', 'INR', 1000.00, 2000.50, 10.5,
             '[{"key": "A", "quantity": "10", "averagePrice": "99.50", "lastPrice": "100.05"}]', '{A}', '\\x01', '2026-08-17T03:45:00Z'
        FROM owner, generate_series(1, 3) AS n`);
    await bare.client.query(`
      INSERT INTO quotes (broker, instrument_key, price, previous_close, as_of)
      VALUES ('zerodha', 'A', 100.05, 99, '2026-08-17T03:45:01.000001Z'), ('zerodha', 'B', -37.63, NULL, '2026-08-17T03:45:02Z')`);
    await bare.client.query(`
      INSERT INTO portfolio_history (portfolio_id, as_of, value, cash, day_pnl)
      SELECT portfolio_id, as_of, value, cash, day_pnl FROM portfolio_snapshots`);
    const before = async () => [
      await rows(
        'SELECT portfolio_id, user_id, cash::text, positions, position_keys, content_digest, as_of FROM portfolio_snapshots ORDER BY 1',
      ),
      await rows('SELECT broker, instrument_key, price::text, previous_close::text, as_of FROM quotes ORDER BY 1, 2'),
      await rows('SELECT portfolio_id, as_of, value::text FROM portfolio_history ORDER BY 1'),
    ];
    const stored = await before();

    await migrator.up();
    expect(await before()).toEqual(stored);
    expect((await migrator.check()).differences).toEqual([]);
    expect(
      await rows('SELECT kind, currency, previous_close_as_of = as_of AS closed FROM quotes ORDER BY instrument_key'),
    ).toEqual([
      { kind: 'last', currency: null, closed: true },
      { kind: 'last', currency: null, closed: null },
    ]);
    expect(
      await rows(`SELECT cash_balances, venue, closed_at FROM portfolio_snapshots WHERE portfolio_id = 'p1'`),
    ).toEqual([{ cash_balances: [], venue: null, closed_at: null }]);
    await bare.client.query(`INSERT INTO rates (base, quote, price, as_of) VALUES ('EUR', 'USD', 1.0850, now())`);
    await bare.client.query(`INSERT INTO valuation_moments (moment) VALUES (now())`);
    await bare.client.query(`UPDATE quotes SET kind = 'mark', currency = 'GBp'`);

    await migrator.down(steps);
    expect(await before()).toEqual(stored);
    await migrator.up();
    expect(await before()).toEqual(stored);
  });

  it('the migration that groups the keys of the change feed keeps every key, up and down', async () => {
    const migrator = bare.migrator;
    const applied = await migrator.status();
    const steps = applied.length - applied.findIndex(({ name }) => name === 'GroupChangeFeedKeys1766000500001');
    const feed = () => rows('SELECT xid::text, topic, key FROM change_feed ORDER BY key');
    await bare.client.query('TRUNCATE change_feed');
    await bare.client.query(`INSERT INTO change_feed (topic, key) VALUES ('portfolios', 'a')`);
    await bare.client.query(`INSERT INTO change_feed (topic, keys) VALUES ('quotes', '{b,c}')`);
    const [one, many] = await rows('SELECT xid::text FROM change_feed ORDER BY position');
    await migrator.down(steps);
    const separate = [
      { ...one, topic: 'portfolios', key: 'a' },
      { ...many, topic: 'quotes', key: 'b' },
      { ...many, topic: 'quotes', key: 'c' },
    ];
    expect(await feed()).toEqual(separate);
    await migrator.up();
    expect(await feed()).toEqual(separate);
  });

  it('the schema refuses a rate or split factor of 0 or below, an unknown kind of quote, and a second moment', async () => {
    const refused = (sql: string) =>
      bare.client.query(sql).then(String, (error: { constraint: string }) => error.constraint);
    expect(await refused(`INSERT INTO rates (base, quote, price, as_of) VALUES ('A', 'B', 0, now())`)).toBe(
      'ck_rates_price',
    );
    expect(
      await refused(
        `INSERT INTO position_adjustments (broker, instrument_key, ex_date, factor, created_by) VALUES ('b', 'k', now(), -1, uuidv7())`,
      ),
    ).toBe('ck_position_adjustments_factor');
    expect(await refused(`UPDATE quotes SET kind = 'bid'`)).toBe('ck_quotes_kind');
    await bare.client.query(`INSERT INTO valuation_moments (moment) VALUES (now())`);
    expect(await refused(`INSERT INTO valuation_moments (moment) VALUES (now())`)).toBe('pk_valuation_moments');
  });
});
