import { BareDatabase } from '../../setup/bare-database.js';

const MIGRATION = 'DerivePortfolioValues1766000600000';

describe('the migration that derives values', () => {
  let bare: BareDatabase;
  beforeAll(async () => {
    bare = await BareDatabase.open();
  });
  afterAll(() => bare.close());
  const rows = (sql: string) => bare.rows(sql);

  it('keeps snapshots and points, up, down and up again, and down computes the columns again', async () => {
    const migrator = bare.migrator;
    const applied = await migrator.up();
    const steps = applied.length - applied.indexOf(MIGRATION);
    await migrator.down(steps);
    await bare.client.query(`
      WITH owner AS (
        INSERT INTO users (email, password_hash, display_name, roles) VALUES ('a@example.com', 'x', 'A', '{trader}') RETURNING id
      )
      INSERT INTO portfolio_snapshots (portfolio_id, user_id, broker, account, currency, cash, value, day_pnl, positions, position_keys, content_digest, as_of, marked_at)
      SELECT 'p', id, 'zerodha', 'A1', 'INR', 1000.00, 2000.50, 10.5,
             '[{"key": "A", "quantity": "10", "averagePrice": "99.50", "lastPrice": "100.05", "previousClose": "99"}]', '{A}', '\\x01',
             '2026-08-17T03:45:00Z', '2026-08-17T03:46:00Z' FROM owner`);
    await bare.client.query(`
      INSERT INTO portfolio_history (portfolio_id, as_of, value, cash, day_pnl)
      VALUES ('p', '2026-08-17T03:45:00Z', 2000.50, 1000.00, 10.5)`);
    const kept = async () => [
      await rows('SELECT portfolio_id, cash::text, positions, position_keys, as_of FROM portfolio_snapshots'),
      await rows('SELECT portfolio_id, as_of, value::text, cash::text, day_pnl::text FROM portfolio_history'),
    ];
    const before = await kept();

    await migrator.up();
    expect(await kept()).toEqual(before);
    expect((await migrator.check()).differences).toEqual([]);
    await bare.client.query(`
      INSERT INTO portfolio_history (portfolio_id, as_of, value, cash, day_pnl)
      VALUES ('p', '2026-08-17T03:46:00Z', NULL, 1000, NULL), ('p', '2026-08-17T03:47:00Z', 5, 1000, NULL)`);

    await migrator.down(steps);
    expect(await rows('SELECT value::text, day_pnl::text, marked_at FROM portfolio_snapshots')).toEqual([
      { value: '2000.50', day_pnl: '10.50', marked_at: null },
    ]);
    expect(await rows('SELECT value::text, day_pnl::text FROM portfolio_history ORDER BY as_of')).toEqual([
      { value: '2000.50', day_pnl: '10.5' },
      { value: '5', day_pnl: '0' },
    ]);
    await migrator.up();
    expect((await migrator.check()).differences).toEqual([]);
  });
});
