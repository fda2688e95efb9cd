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

  it('leave a schema that the entities agree with', async () => {
    database = await createTestDatabase();
    expect(await migratorOf(database.url).check()).toEqual([]);
  });
});
