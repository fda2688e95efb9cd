import pg from 'pg';
import { Database, MonthlyPartitions, Transactions } from '#database';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('a month that is attached while others write', () => {
  let module: TestModule;
  let client: pg.Client;

  beforeAll(async () => {
    module = await testModule([]);
    client = new pg.Client(module.database.url);
    await client.connect();
    await client.query(`
      CREATE TABLE ticks (at timestamptz NOT NULL, n int) PARTITION BY RANGE (at);
      CREATE TABLE ticks_default PARTITION OF ticks DEFAULT;
      INSERT INTO ticks VALUES ('2035-02-01Z', 1);
      CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7002); RETURN OLD; END $$;
      CREATE TRIGGER slow BEFORE DELETE ON ticks_default FOR EACH ROW EXECUTE FUNCTION wait_for_test();`);
  });
  afterAll(async () => {
    await client.end();
    await module.close();
  });

  it('receives the row of a writer that waited, which the default partition does not refuse', async () => {
    const database = module.get(Database);
    const waiting = (count: number) =>
      eventually(async () =>
        expect(
          (
            await client.query(
              `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
            )
          ).rowCount,
        ).toBe(count),
      );
    await client.query('SELECT pg_advisory_lock(7002)'); // stops the move of the stray row, and so the attaching, midway
    const made = new MonthlyPartitions(database, module.get(Transactions), {
      table: 'ticks',
      column: 'at',
      key: 'timestamptz',
      before: 0,
      after: 0,
    }).ensure(new Date('2035-02-15Z'));
    await waiting(1);
    const written = database.run(`INSERT INTO ticks VALUES ('2035-02-02Z', 2)`);
    await waiting(2);
    await client.query('SELECT pg_advisory_unlock(7002)');
    expect([await made, await written]).toEqual([['ticks_2035_02'], 1]);
    expect((await client.query('SELECT n, tableoid::regclass::text AS month FROM ticks ORDER BY n')).rows).toEqual([
      { n: 1, month: 'ticks_2035_02' },
      { n: 2, month: 'ticks_2035_02' },
    ]);
  });
});
