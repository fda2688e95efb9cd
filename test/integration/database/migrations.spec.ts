import { jest } from '@jest/globals';
import pg from 'pg';
import { createEmptyDatabase, createTestDatabase, migratorOf, type TestDatabase } from '../../setup/test-database.js';

describe('migrations', () => {
  let database: TestDatabase;
  afterEach(() => database.drop());

  it('go up, all the way down, and up again', async () => {
    database = await createEmptyDatabase();
    const migrator = migratorOf(database.url);
    const applied = await migrator.up();
    expect((await migrator.status()).every((row) => row.state === 'applied')).toBe(true);
    expect(await migrator.down(applied.length)).toEqual([...applied].reverse());
    expect((await migrator.status()).every((row) => row.state === 'pending')).toBe(true);
    expect(await migrator.up()).toEqual(applied);
  });

  it('migrations leave a schema that matches the entities', async () => {
    database = await createTestDatabase();
    expect(await migratorOf(database.url).check()).toEqual({ statements: [], differences: [] });
  });

  it('migrations are compared with the entities by one statement at a time, because pg 9 will refuse concurrent ones', async () => {
    database = await createTestDatabase();
    const { query } = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
    let [asked, underway, most] = [0, 0, 0];
    const done = () => void underway--;
    const spy = jest.spyOn(pg.Client.prototype as { query: typeof query }, 'query').mockImplementation(function (
      this: unknown,
      ...args
    ) {
      most = Math.max(most, ++underway);
      asked++;
      const answer = query.apply(this, args) as Promise<unknown>;
      answer.then(done, done);
      return answer;
    });
    try {
      await migratorOf(database.url).check();
    } finally {
      spy.mockRestore();
    }
    expect(asked).toBeGreaterThan(10);
    expect(most).toBe(1);
  });
});
