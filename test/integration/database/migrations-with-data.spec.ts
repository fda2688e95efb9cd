import pg from 'pg';
import { DataSources, Migrator } from '#database';
import { databaseConfig } from '#database/config';
import { schema } from '../../../migrations/schema.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { contentOf, fillEveryTable } from './every-row.fixture.js';

type Content = Awaited<ReturnType<typeof contentOf>>;

/** The names that a migration gives to tables and columns: from the later to the earlier one. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RenameAuthSessionsToLogins1766000000015: { logins: 'auth_sessions', login_id: 'auth_session_id' },
  RenameReleasesToImports1766000000016: {
    instrument_imports: 'instrument_releases',
    instrument_import_changes: 'instrument_release_changes',
    import_id: 'release_id',
  },
};

describe('migrations on a database with data', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const all = [...schema.migrations].sort((a, b) => (a.name.slice(-13) < b.name.slice(-13) ? -1 : 1));

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  /** A migrator of the version that has these migrations and no later one. */
  function migratorOf(migrations: typeof schema.migrations): Migrator {
    const config = databaseConfig.read({ DATABASE_URL: database.url });
    return new Migrator(new DataSources(config, { ...schema, migrations }), config);
  }

  it('every migration goes down, up and down again with rows in every table, and keeps what both versions have', async () => {
    await fillEveryTable(client);
    const filled = await contentOf(client);
    let before = filled;
    expect([...filled].filter(([, rows]) => rows.length === 0).map(([table]) => table)).toEqual([]);
    for (let count = all.length; count > 0; count -= 1) {
      const { name } = all[count - 1]!;
      const migrator = migratorOf(all.slice(0, count));
      expect(await migrator.down()).toEqual([name]);
      const down = await contentOf(client);
      expect([name, kept(name, before, down)]).toEqual([name, kept(name, down, before)]);
      expect(await migrator.up()).toEqual([name]);
      const up = await contentOf(client);
      // Up again loses nothing of the rows that the earlier version has.
      expect([name, kept(name, up, down)]).toEqual([name, kept(name, down, up)]);
      expect(await migrator.down()).toEqual([name]);
      const again = await contentOf(client);
      expect([name, kept(name, again, down)]).toEqual([name, kept(name, down, again)]);
      before = again;
    }
    expect([...before.keys()]).toEqual([]);
    expect(await migratorOf(all).up()).toEqual(all.map(({ name }) => name));
    await fillEveryTable(client);
  });

  it('rows that only the later version can store become those of the earlier one, or stop the way down', async () => {
    await fillEveryTable(client);
    await client.query(`UPDATE trading_sessions SET access_token_sealed = NULL`);
    await client.query(`INSERT INTO change_feed (topic, keys) VALUES ('quotes', ARRAY['one', 'two'])`);
    await client.query(`UPDATE portfolio_history SET day_pnl = NULL, value = CASE WHEN value > 1 THEN value END`);
    await client.query(`UPDATE webhook_endpoints SET url = 'https://hooks.example', sealed_path = 'v1:a:b:c:d'`);
    /** Reverts every migration down to this one, and it too. */
    const downTo = async (name: string) => {
      const left = (
        await client.query(`SELECT count(*)::int AS n FROM migrations WHERE "timestamp" >= $1`, [name.slice(-13)])
      ).rows[0].n;
      return migratorOf(all).down(left);
    };
    const column = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows.flat();

    await client.query(`UPDATE webhook_endpoints SET format = 'teams'`);
    await client.query(
      `UPDATE filings SET is_amendment = true, amendment = 'ambiguous', amends_candidates = '{a}', form = 'SC 13D/A', base_form = 'SCHEDULE 13D'`,
    );
    await expect(downTo('AddWebhookHeaders1766006000100')).rejects.toThrow('which the earlier version cannot send');
    await client.query(`UPDATE webhook_endpoints SET format = 'generic'`);
    await downTo('AddFilerTickers1766006000000');
    expect(await column(`SELECT DISTINCT amendment, base_form FROM filings`)).toEqual(['unlinked', 'SC 13D']);
    await downTo('PrepareReplication1766001000000');
    expect(await column(`SELECT DISTINCT state, is_active FROM trading_sessions`)).toEqual(['expired', false]);
    await downTo('DerivePortfolioValues1766000600000');
    expect(await column(`SELECT value, day_pnl FROM portfolio_history ORDER BY value`)).toEqual(['2', '0', '3', '0']);
    await downTo('GroupChangeFeedKeys1766000500001');
    expect(await column(`SELECT key FROM change_feed WHERE topic = 'quotes' ORDER BY key`)).toEqual(['one', 'two']);
    // Nobody could restore the paths, so this version keeps its schema.
    await expect(downTo('SealWebhookPaths1766000400001')).rejects.toThrow('would lose their paths');
    expect(await column(`SELECT DISTINCT sealed_path FROM webhook_endpoints`)).toEqual(['v1:a:b:c:d']);
    await client.query(`DELETE FROM webhook_endpoints`);
    await downTo('SealWebhookPaths1766000400001');
    expect(await migratorOf(all).up()).toContain('SealWebhookPaths1766000400001');
  });
});

/** The rows of `content` with the tables and columns that `other` has too, by their earlier names, in the order of their text. */
function kept(name: string, content: Content, other: Content): Record<string, string[]> {
  const earlier = (word: string) => RENAMED[name]?.[word] ?? word;
  const columns = new Map(
    [...other].map(([table, rows]) => [earlier(table), new Set(Object.keys(rows[0] ?? {}).map(earlier))]),
  );
  const result: Record<string, string[]> = {};
  for (const [table, rows] of content) {
    const shared = columns.get(earlier(table));
    if (shared === undefined) continue;
    result[earlier(table)] = rows
      .map((row) =>
        JSON.stringify(
          Object.entries(row)
            .map(([column, value]) => [earlier(column), value] as const)
            .filter(([column]) => shared.has(column))
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      )
      .sort();
  }
  return result;
}
