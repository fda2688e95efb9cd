import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { Database, Transactions } from '#database';
import { testModule } from '../../setup/test-module.js';
import { SCRIPTS, type Stage, twoEdges, writePredicate } from './isolation-scripts.fixture.js';
import { IsolationSession, type Level, type Row, UnitOfWork } from './isolation-sessions.fixture.js';

/** The anomalies that each level prevents, by PostgreSQL's manual and Hermitage. The others of the ten occur. */
const PREVENTED: Record<Level, string[]> = {
  'read committed': ['G0', 'G1a', 'G1b', 'G1c', 'OTV'],
  'repeatable read': ['G0', 'G1a', 'G1b', 'G1c', 'OTV', 'PMP', 'P4', 'G-single'],
  serializable: ['G0', 'G1a', 'G1b', 'G1c', 'OTV', 'PMP', 'P4', 'G-single', 'G2-item', 'G2'],
};
const LEVELS = Object.keys(PREVENTED) as Level[];
const CELLS = LEVELS.flatMap((level) =>
  Object.keys(SCRIPTS).map((anomaly) => ({ level, anomaly, prevented: PREVENTED[level].includes(anomaly) })),
);

@Module({ providers: [UnitOfWork] })
class UnitOfWorkModule {}

const published = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'isolation/postgres_anomalies.json');
const withData = existsSync(published) ? it : it.skip;

describe('the isolation of our transactions (Hermitage)', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let database: Database;
  let unit: UnitOfWork;
  let transactions: Transactions;

  beforeAll(async () => {
    module = await testModule([UnitOfWorkModule]);
    [database, unit, transactions] = [module.get(Database), module.get(UnitOfWork), module.get(Transactions)];
    await database.run('CREATE TABLE test (id int PRIMARY KEY, value int)');
  });
  afterAll(() => module.close());
  beforeEach(async () => {
    await database.run('TRUNCATE test');
    await database.run('INSERT INTO test (id, value) VALUES (1, 10), (2, 20)');
  });

  /**
   * Read committed is @Atomic(). Repeatable read is @ReadSnapshot() for readers. It is READ ONLY, so writers at that level, and
   * all sessions at serializable, use Transactions.run, on which the decorators are built.
   */
  function stage(level: Level): Stage {
    const open = (readOnly: boolean): IsolationSession => {
      if (level === 'read committed') return new IsolationSession(database, (work) => unit.atomic(work));
      if (level === 'repeatable read' && readOnly)
        return new IsolationSession(database, (work) => unit.readSnapshot(work));
      const isolation = level === 'serializable' ? 'SERIALIZABLE' : 'REPEATABLE READ';
      return new IsolationSession(database, (work) =>
        transactions.run({ pool: 'app', isolation, readOnly: false }, work),
      );
    };
    return {
      writer: () => open(false),
      reader: () => open(true),
      blocked,
      table: () => database.rows<Row>('SELECT * FROM test ORDER BY id'),
    };
  }

  /** Queries the server until a statement waits for a lock. Each query is a round trip, so this does not spin. */
  async function blocked(): Promise<void> {
    for (let asked = 0; asked < 5000; asked++) {
      const waiting = await database.rows(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (waiting.length > 0) return;
    }
    throw new Error('nobody waits for a lock');
  }

  it.each(CELLS)('$level: $anomaly is prevented: $prevented', async ({ level, anomaly, prevented }) => {
    expect(await SCRIPTS[anomaly]!(stage(level))).toBe(!prevented);
  });

  withData('is the published table (needs DESKWIRE_DATA_DIR)', () => {
    const table = JSON.parse(readFileSync(published, 'utf8')) as { must_prevent: typeof PREVENTED; anomalies: object };
    expect(table.must_prevent).toEqual(PREVENTED);
    expect(Object.keys(table.anomalies)).toEqual(Object.keys(SCRIPTS));
  });

  it.each([
    ['read committed', 'committed'],
    ['repeatable read', 'refused'],
    ['serializable', 'refused'],
  ] as const)('a write predicate that waited, at %s: %s', async (level, outcome) =>
    expect(await writePredicate(stage(level))).toBe(outcome),
  );

  it.each([
    ['repeatable read', 'committed'],
    ['serializable', 'refused'],
  ] as const)('two anti-dependency edges, at %s: %s', async (level, outcome) =>
    expect(await twoEdges(stage(level))).toBe(outcome),
  );

  it('the isolation level of a transaction is the one that the server reports', async () => {
    const level = async (session: IsolationSession): Promise<unknown> => {
      const [row] = await session.run(
        `SELECT current_setting('transaction_isolation') || current_setting('transaction_read_only') AS value, 0 AS id`,
      );
      await session.commit();
      return row!.value;
    };
    expect(await level(stage('read committed').reader())).toBe('read committedoff');
    expect(await level(stage('repeatable read').reader())).toBe('repeatable readon');
    expect(await level(stage('repeatable read').writer())).toBe('repeatable readoff');
    expect(await level(stage('serializable').writer())).toBe('serializableoff');
  });

  it('negative control: a level set inside a function fails with 25001', async () => {
    await database.run(
      `CREATE FUNCTION raise_level() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; END $$`,
    );
    await expect(unit.atomic(async () => void (await database.rows('SELECT raise_level()')))).rejects.toMatchObject({
      code: '25001',
    });
  });
});
