import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { Database, Transactions } from '#database';
import { JobRunner, Jobs, JobTasks } from '#jobs';
import { correlationId, withCorrelation } from '#telemetry';
import { eventually } from '../../setup/eventually.js';
import { createEmptyDatabase, migratorOf, type TestDatabase } from '../../setup/test-database.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

/** Declares its tasks as a lib does: before the runner starts. */
class RecordingModule {
  static readonly runs: { payload: unknown; correlationId: string }[] = [];
  static failures = 0;

  constructor(tasks: JobTasks) {
    tasks.task('test:record', (payload) => {
      RecordingModule.runs.push({ payload, correlationId: correlationId() });
      return Promise.resolve();
    });
    tasks.task('test:fail', () => {
      RecordingModule.failures += 1;
      return Promise.reject(new Error('as the test wants it'));
    });
  }
}
Reflect.defineMetadata('design:paramtypes', [JobTasks], RecordingModule);

const recording = { module: RecordingModule };

describe('jobs', () => {
  let desk: TestModule;
  beforeAll(async () => {
    desk = await testModule([recording]);
  });
  afterAll(() => desk.close());
  beforeEach(() => {
    RecordingModule.runs.length = 0;
  });

  const add = (payload: object) => desk.get(Jobs).add('test:record', payload);
  const waiting = async () =>
    Number((await desk.get(Database).rows<{ n: string }>('SELECT count(*) AS n FROM graphile_worker.jobs'))[0]!.n);

  it('committed jobs run once, under the correlation id of the request that added them', async () => {
    await withCorrelation('the-request', () => desk.get(Transactions).atomic(() => add({ n: 1 })));
    await eventually(() => expect(RecordingModule.runs).toEqual([{ payload: { n: 1 }, correlationId: 'the-request' }]));
    await eventually(async () => expect(await waiting()).toBe(0));
  });

  it('rolled back jobs never run', async () => {
    const failed = desk.get(Transactions).atomic(async () => {
      await add({ n: 'never' });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await add({ n: 'after' });
    await eventually(() => expect(RecordingModule.runs.map(({ payload }) => payload)).toEqual([{ n: 'after' }]));
  });

  it('a job whose key is that of a job which a worker begins at that moment is added beside it', async () => {
    const added = { jobKey: 'one', runAt: new Date(Date.now() + 3_600_000) };
    await desk.get(Jobs).add('test:record', { n: 'before' }, added);
    const worker = new pg.Client(desk.database.url);
    await worker.connect();
    try {
      const begin = `UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'a worker' WHERE key = 'one'`;
      await worker.query('BEGIN');
      expect((await worker.query(begin)).rowCount).toBe(1);
      const adding = desk.get(Jobs).add('test:record', { n: 'after' }, added);
      const waits = 'SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))';
      await eventually(async () => expect((await worker.query(waits)).rowCount).toBe(1));
      await worker.query('COMMIT');
      await adding;
      const { rows } = await worker.query(
        `SELECT payload -> 'payload' ->> 'n' AS n, locked_by AS by FROM graphile_worker._private_jobs ORDER BY id`,
      );
      expect(rows).toEqual([
        { n: 'before', by: 'a worker' },
        { n: 'after', by: null },
      ]);
    } finally {
      await worker.end();
      await desk.get(Database).rows('DELETE FROM graphile_worker._private_jobs');
    }
  });

  it('failed jobs are kept and retried', async () => {
    await desk.get(Jobs).add('test:fail', {}, { maxAttempts: 3 });
    await eventually(async () => {
      const [job] = await desk
        .get(Database)
        .rows(`SELECT attempts, last_error FROM graphile_worker.jobs WHERE task_identifier = 'test:fail'`);
      expect(job).toMatchObject({ attempts: 1, last_error: 'as the test wants it' });
    });
    await desk.get(Database).rows(`DELETE FROM graphile_worker._private_jobs`);
  });

  it('jobs continue after PostgreSQL has dropped every connection', async () => {
    await desk
      .get(Database)
      .rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    await eventually(() => add({ n: 'after the outage' }));
    await eventually(() =>
      expect(RecordingModule.runs.map(({ payload }) => payload)).toEqual([{ n: 'after the outage' }]),
    );
  });

  it('a job whose connection is lost while it is completed or its failure recorded is released, and the process continues', async () => {
    const database = desk.get(Database);
    await loseSessions(database, 2);
    try {
      await add({ n: 'completed at the third attempt' });
      await eventually(async () => expect(await waiting()).toBe(0));
      expect(RecordingModule.runs).toHaveLength(1);

      await database.rows(`SELECT setval('lost_sessions', 1, false)`);
      await desk.get(Jobs).add('test:fail', {}, { maxAttempts: 3 });
      await eventually(async () =>
        expect(await database.rows('SELECT last_error FROM graphile_worker.jobs WHERE last_error IS NOT NULL')).toEqual(
          [{ last_error: 'as the test wants it' }],
        ),
      );
    } finally {
      await keepSessions(database);
    }
  });

  it('jobs are shared by two workers, and each runs once', async () => {
    const other = await testModule([recording], { database: desk.database });
    try {
      await desk.get(Transactions).atomic(async () => {
        for (let n = 0; n < 40; n++) await add({ n });
      });
      await eventually(() => expect(RecordingModule.runs).toHaveLength(40));
      expect(new Set(RecordingModule.runs.map(({ payload }) => (payload as { n: number }).n)).size).toBe(40);
    } finally {
      await other.close();
    }
  });

  it('jobs do not run in a web process', async () => {
    const database = await createMigrated();
    const web = await testModule([recording], { database, env: { DESKWIRE_ROLE: 'web' } });
    try {
      await web.get(Jobs).add('test:record', { n: 'left for a worker' });
      const worker = await testModule([recording], { database, env: { DESKWIRE_ROLE: 'worker' } });
      await eventually(() => expect(RecordingModule.runs).toHaveLength(1));
      await worker.close();
      const [{ workers }] = (await web
        .get(Database)
        .rows<{ workers: number }>(
          `SELECT count(*)::integer AS workers FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = 'LISTEN "jobs:insert"'`,
        )) as [{ workers: number }];
      expect(workers).toBe(0);
    } finally {
      await web.close();
      await database.drop();
    }
  });

  it('jobs leave nothing behind when all migrations are undone', async () => {
    const database = await createEmptyDatabase();
    try {
      const migrator = migratorOf(database.url);
      const schemas = async () => {
        const probe = await testSchemas(database.url);
        return probe.includes('graphile_worker');
      };
      const applied = await migrator.up();
      expect(await schemas()).toBe(true);
      await migrator.down(applied.length - 1);
      expect(await schemas()).toBe(true);
      await migrator.down(1);
      expect(await schemas()).toBe(false);
    } finally {
      await database.drop();
    }
  });

  describe('a stop while a job is released', () => {
    const lost = async () =>
      (await desk.get(Database).rows<{ is_called: boolean }>('SELECT is_called FROM lost_sessions'))[0]!.is_called;
    let worker: TestModule;
    let warnings: jest.SpiedFunction<Logger['warn']>;
    beforeEach(async () => {
      await desk.get(JobRunner).beforeApplicationShutdown();
      worker = await testModule([recording], { database: desk.database });
      warnings = jest.spyOn(Logger.prototype, 'warn');
    });
    afterEach(async () => {
      warnings.mockRestore();
      await keepSessions(desk.get(Database));
    });

    it('waits until the release has been repeated', async () => {
      await loseSessions(desk.get(Database), 1);
      await add({ n: 'completed during the stop' });
      await eventually(async () => expect(await lost()).toBe(true));
      await worker.close();
      expect(await waiting()).toBe(0);
      expect(warnings).not.toHaveBeenCalled();
    });

    it('gives up a release that never succeeds, and says so before it ends', async () => {
      await loseSessions(desk.get(Database), 1_000);
      await add({ n: 'never completed' });
      await eventually(async () => expect(await lost()).toBe(true));
      await worker.close();
      expect(warnings.mock.calls).toEqual([
        [expect.objectContaining({ msg: 'a finished job stays marked as running, and runs again' })],
      ]);
      expect(await waiting()).toBe(1);
    });
  });
});

/** From now on, a statement that completes a job or records its failure ends its own session: the first `times` of them. */
async function loseSessions(database: Database, times: number): Promise<void> {
  await database.rows(`CREATE SEQUENCE lost_sessions`); // it does not roll back
  await database.rows(
    `CREATE FUNCTION lose_session() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('lost_sessions') <= ${times} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
       RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$`,
  );
  await database.rows(
    `CREATE TRIGGER lose_session BEFORE DELETE OR UPDATE OF last_error ON graphile_worker._private_jobs FOR EACH ROW EXECUTE FUNCTION lose_session()`,
  );
}

async function keepSessions(database: Database): Promise<void> {
  await database.rows('DROP FUNCTION lose_session() CASCADE');
  await database.rows('DROP SEQUENCE lost_sessions');
  await database.rows('DELETE FROM graphile_worker._private_jobs');
}

async function createMigrated(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await migratorOf(database.url).up();
  return database;
}

async function testSchemas(url: string): Promise<string[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ nspname: string }>('SELECT nspname FROM pg_namespace');
  await client.end();
  return rows.map(({ nspname }) => nspname);
}
