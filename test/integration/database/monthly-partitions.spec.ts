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

  const locked = async () =>
    (await client.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
      .rowCount;
  const waiting = (count: number) => eventually(async () => expect(await locked()).toBe(count));
  const partitions = () =>
    new MonthlyPartitions(module.get(Database), module.get(Transactions), {
      ...{ table: 'ticks', column: 'at', before: 0, after: 0 },
      key: 'timestamptz',
    });

  it('receives the row of a writer that waited, which the default partition does not refuse', async () => {
    const database = module.get(Database);
    await client.query('SELECT pg_advisory_lock(7002)'); // stops the move of the stray row, and so the attaching, midway
    const made = partitions().ensure(new Date('2035-02-15Z'));
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

  it('hides no row from a reader of a snapshot that began before', async () => {
    const database = module.get(Database);
    await client.query(`INSERT INTO ticks VALUES ('2035-03-01Z', 3)`);
    await client.query('SELECT pg_advisory_lock(7002)');
    const made = partitions().ensure(new Date('2035-03-15Z'));
    await waiting(1);
    let began = false;
    const read = module.get(Transactions).staleSnapshot(['ticks'], async () => {
      await database.rows('SELECT 1'); // takes the snapshot
      began = true;
      await made;
      return database.rows(`SELECT n FROM ticks WHERE at = '2035-03-01Z'`);
    });
    // Without the lock it begins at once.
    await eventually(async () => expect(began || (await locked()) === 2).toBe(true));
    await client.query('SELECT pg_advisory_unlock(7002)');
    expect([await made, await read]).toEqual([['ticks_2035_03'], [{ n: 3 }]]);
  });
});
