import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';

describe('portfolios by command line', () => {
  const folder = new CommandLine();
  let database: TestDatabase;
  let client: pg.Client;
  const deskwire = (...args: string[]): CommandRun => folder.run(args, { DATABASE_URL: database.url });
  const events = async () =>
    (await client.query(`SELECT type, payload FROM trading_events ORDER BY recorded_at, id`)).rows;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `WITH owner AS (
         INSERT INTO users (email, password_hash, display_name, roles) VALUES ('p@desk.example', 'x', 'P', '{trader}') RETURNING id
       )
       INSERT INTO portfolio_snapshots (portfolio_id, user_id, broker, account, currency, cash, as_of, content_digest, positions, position_keys, position_count)
       SELECT name, id, 'zerodha', 'A-' || name, 'INR', 1, now(), '\\x00', '[]', '{}', 0 FROM owner, unnest('{one,two}'::text[]) name`,
    );
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
    folder.remove();
  });

  it('a portfolio is listed, closed, reopened and deleted, each with its event, and a repetition changes nothing', async () => {
    const ids = async (...args: string[]) =>
      (await deskwire('portfolios', 'list', '--json', ...args).json<any[]>()).map(({ portfolioId }) => portfolioId);
    expect(await ids()).toEqual(['one', 'two']);
    const closed = await deskwire('portfolios', 'close', 'one', '--json').json();
    expect(closed).toEqual({ portfolioId: 'one', closedAt: expect.any(String) });
    expect(await deskwire('portfolios', 'close', 'one', '--json').json()).toEqual(closed);
    expect([await ids(), await ids('--closed')]).toEqual([['two'], ['one']]);
    const reopened = deskwire('portfolios', 'reopen', 'one');
    expect([await reopened.exit, reopened.stdout.trim()]).toEqual([0, 'Reopened one.']);
    expect(await deskwire('portfolios', 'delete', 'two', '--json').json()).toEqual({ deleted: 'two' });
    expect(await ids()).toEqual(['one']);
    expect(await events()).toMatchObject([
      { type: 'PortfolioClosed', payload: { portfolioId: 'one', closedBy: null } },
      { type: 'PortfolioReopened', payload: { portfolioId: 'one', reopenedBy: null } },
      { type: 'PortfolioDeleted', payload: { portfolioId: 'two', deletedBy: null } },
    ]);
  });

  it('a portfolio that does not exist is an error without a stack, and a table lists the others', async () => {
    const gone = deskwire('portfolios', 'close', 'two');
    expect([await gone.exit, gone.stderr]).toEqual([1, expect.stringContaining('PORTFOLIOS_NOT_FOUND')]);
    const listed = deskwire('portfolios', 'list');
    expect([await listed.exit, listed.stdout]).toEqual([0, expect.stringMatching(/^PORTFOLIO.*\none .*zerodha/)]);
  });
});
