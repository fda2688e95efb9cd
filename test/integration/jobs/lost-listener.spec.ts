import { Logger, type Runner, run } from 'graphile-worker';
import pg from 'pg';
import { jobsPool } from '../../../libs/jobs/graphile-worker.js';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';

describe('the pool of the job runner', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const crashes: unknown[] = [];
  const crashed = (error: unknown) => crashes.push(error);

  beforeAll(async () => {
    process.on('unhandledRejection', crashed);
    database = await createTestDatabase();
    pool = jobsPool(new pg.Pool({ connectionString: database.url, max: 4 }));
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
    process.off('unhandledRejection', crashed);
  });

  it('a listening connection that is lost while the runner stops does not end the process', async () => {
    const [listening, lost, answered] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    let ended = 0;
    // PostgreSQL does not answer the LISTEN, nor the UNLISTEN of the stop, until the connection is lost.
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...call: unknown[]) => Promise<unknown>;
      client.query = ((...call: unknown[]) => {
        const text = String(call[0]);
        if (!/^(UN)?LISTEN/.test(text)) return query(...call);
        if (text.startsWith('UN')) {
          ended += 1;
          return answered!.promise;
        }
        listening!.resolve();
        return lost!.promise;
      }) as typeof client.query;
    });
    const runner: Runner = await run({
      pgPool: pool,
      taskList: { nothing: () => undefined },
      noHandleSignals: true,
      logger: new Logger(() => () => undefined),
    });
    await listening!.promise;
    const stopping = runner.stop();
    await eventually(() => expect(ended).toBe(1));
    lost!.reject(new Error('Connection terminated unexpectedly'));
    await eventually(() => expect(ended).toBe(2));
    answered!.resolve();
    await stopping;
    await eventually(() => expect(pool.idleCount).toBe(pool.totalCount));
    expect(crashes).toEqual([]);
  });

  it('a connection given back twice is not taken from its next user', async () => {
    const release = await new Promise<() => void>((resolve, reject) =>
      pool.connect((error, _client, done) => (error ? reject(error) : resolve(done))),
    );
    release();
    const next = await pool.connect();
    const idle = pool.idleCount;
    release();
    expect(pool.idleCount).toBe(idle);
    next.release();
  });
});
