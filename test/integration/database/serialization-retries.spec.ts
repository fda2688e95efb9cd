import { Module } from '@nestjs/common';
import { Database, Transactions } from '#database';
import { testModule } from '../../setup/test-module.js';
import { UnitOfWork } from './isolation-sessions.fixture.js';

@Module({ providers: [UnitOfWork] })
class UnitOfWorkModule {}

/** Waits for `size` callers, then releases all. Later callers pass. */
function meeting(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let present = 0;
  return () => {
    if (++present === size) resolve();
    return promise;
  };
}

describe('the retry of a transaction', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let database: Database;
  let transactions: Transactions;

  beforeAll(async () => {
    module = await testModule([UnitOfWorkModule]);
    [database, transactions] = [module.get(Database), module.get(Transactions)];
    await database.run('CREATE TABLE counters (id int PRIMARY KEY, value int)');
  });
  afterAll(() => module.close());
  beforeEach(async () => {
    await database.run('TRUNCATE counters');
    await database.run('INSERT INTO counters VALUES (1, 0), (2, 0)');
  });
  const value = async (id: number): Promise<number> =>
    (await database.rows<{ value: number }>('SELECT value FROM counters WHERE id = $1', [id]))[0]!.value;

  it('50 x 20 concurrent increments are counted exactly, without an error and with each effect once', async () => {
    const unit = module.get(UnitOfWork);
    let effects = 0;
    const increment = () =>
      unit.atomic(async () => {
        const [row] = await database.rows<{ value: number }>('SELECT value FROM counters WHERE id = 1 FOR UPDATE');
        await database.run('UPDATE counters SET value = $1 WHERE id = 1', [row!.value + 1]);
        transactions.afterCommit(() => effects++);
      });
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let n = 0; n < 20; n++) await increment();
      }),
    );
    expect([await value(1), effects]).toEqual([1000, 1000]);
  });

  it.each(['REPEATABLE READ', 'SERIALIZABLE'] as const)(
    'hides a 40001 at %s: both increments count, each effect once',
    async (isolation) => {
      const bothHaveRead = meeting(2);
      let [attempts, effects] = [0, 0];
      const increment = () =>
        transactions.run({ pool: 'app', isolation, readOnly: false }, async () => {
          attempts++;
          const [row] = await database.rows<{ value: number }>('SELECT value FROM counters WHERE id = 1');
          await bothHaveRead();
          await database.run('UPDATE counters SET value = $1 WHERE id = 1', [row!.value + 1]);
          transactions.afterCommit(() => effects++);
        });
      await Promise.all([increment(), increment()]);
      expect([await value(1), effects, attempts]).toEqual([2, 2, 3]);
    },
  );

  it('hides a deadlock: both writers commit, each effect once', async () => {
    const bothHoldOne = meeting(2);
    let [attempts, effects] = [0, 0];
    const both = (first: number, second: number) =>
      transactions.atomic(async () => {
        attempts++;
        await database.run('UPDATE counters SET value = value + 1 WHERE id = $1', [first]);
        await bothHoldOne();
        await database.run('UPDATE counters SET value = value + 1 WHERE id = $1', [second]);
        transactions.afterCommit(() => effects++);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    expect([await value(1), await value(2), effects]).toEqual([2, 2, 2]);
    // One victim retries. On a busy machine each may have been a victim.
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  it('the retry of a transaction gives up after three retries with a stable code', async () => {
    let attempts = 0;
    const failing = transactions.atomic(async () => {
      attempts++;
      await database.rows(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`);
    });
    await expect(failing).rejects.toMatchObject({
      name: 'DomainError',
      details: { kind: expect.stringMatching(/conflict|unavailable/) },
    });
    expect(attempts).toBe(4);
  });
});
