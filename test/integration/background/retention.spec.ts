import { register } from 'prom-client';
import { BackgroundTasks, Retention } from '#background';
import { Database } from '#database';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const HOUR = 3_600_000;

describe('retention', () => {
  let desk: TestModule;
  let database: Database;

  beforeAll(async () => {
    desk = await testModule([]);
    database = desk.get(Database);
    await database.run('CREATE TABLE kept_by_time (id integer, at timestamptz)');
    await database.run('CREATE TABLE kept_by_id (id uuid)');
    desk.get(Retention).keep({ table: 'kept_by_time', column: 'at', ms: HOUR, batch: 2 });
    desk.get(Retention).keep({ table: 'kept_by_id', column: 'id', type: 'uuid', ms: HOUR });
  });
  afterAll(() => desk.close());

  const ids = async () =>
    (await database.rows<{ id: number }>('SELECT id FROM kept_by_time ORDER BY id')).map(({ id }) => id);
  const row = (table: string) =>
    desk
      .get(BackgroundTasks)
      .list()
      .find(({ name }) => name === `retention-${table}`)!;
  async function run(table: string): Promise<void> {
    const before = row(table).lastRunAt;
    desk.get(BackgroundTasks).wake(`retention-${table}`);
    await eventually(() => {
      expect(row(table)).toMatchObject({ state: 'waiting', lastResult: 'done' });
      expect(row(table).lastRunAt).not.toEqual(before);
    });
  }

  it('retention removes all older rows in batches, and keeps the others', async () => {
    await database.run(
      `INSERT INTO kept_by_time SELECT n, now() - n * interval '20 minutes' FROM generate_series(1, 7) n`,
    );
    await run('kept_by_time');
    expect(await ids()).toEqual([1, 2]);
    const { values } = await register.getSingleMetric('background_rows_removed_total')!.get();
    expect(values).toContainEqual({ labels: { table: 'kept_by_time' }, value: 5 });
  });

  it('retention takes the age of a row from its time-ordered id', async () => {
    await database.run(
      `INSERT INTO kept_by_id VALUES (uuidv7(interval '-61 minutes')), (uuidv7(interval '-59 minutes'))`,
    );
    await run('kept_by_id');
    expect(await database.rows('SELECT 1 FROM kept_by_id')).toHaveLength(1);
  });

  it('retention leaves locked rows to the next run and does not wait for them', async () => {
    await database.run('TRUNCATE kept_by_time');
    await database.run(`INSERT INTO kept_by_time SELECT n, now() - interval '1 day' FROM generate_series(1, 4) n`);
    const { default: pg } = await import('pg');
    const holder = new pg.Client(desk.database.url);
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM kept_by_time WHERE id = 3 FOR UPDATE');
    await run('kept_by_time');
    expect(await ids()).toEqual([3]);
    await holder.query('ROLLBACK');
    await holder.end();
    await run('kept_by_time');
    expect(await ids()).toEqual([]);
  });

  it('retention repeats the statement of a lib until it removes less than a batch', async () => {
    const asked: number[] = [];
    let left = 25;
    desk.get(Retention).keep({
      table: 'kept_by_rule',
      batch: 10,
      remove: (limit) => {
        asked.push(limit);
        const removed = Math.min(limit, left);
        left -= removed;
        return Promise.resolve(removed);
      },
    });
    await run('kept_by_rule');
    expect([asked, left]).toEqual([[10, 10, 10], 0]);
  });

  it('retention refuses a second retention rule for a table', () => {
    expect(() => desk.get(Retention).keep({ table: 'kept_by_time', column: 'at', ms: 1 })).toThrow(
      'There are two background tasks named retention-kept_by_time.',
    );
  });
});
