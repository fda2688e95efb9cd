import { BEGIN_EPOCH_SQL, Changes } from '#changes';
import { Database, Transactions } from '#database';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('stamps of the change feed over clusters and epochs', () => {
  let here: TestModule;
  let there: TestModule;

  beforeAll(async () => {
    here = await testModule([]);
    there = await testModule([]);
  });
  afterAll(async () => {
    await here.close();
    await there.close();
  });

  const stamp = (of: TestModule) => of.get(Transactions).readSnapshot(() => of.get(Changes).current());
  const since = (of: TestModule, seen: { id: string; position: number }) =>
    of.get(Transactions).readSnapshot(async () => (await of.get(Changes).since(seen)).changes);

  it('stamps of two databases differ even where their transaction ids are equal', async () => {
    // Two databases of one server share its transaction ids.
    const [one, other] = [await stamp(here), await stamp(there)];
    expect(one.id.split('-')[0]).not.toBe(other.id.split('-')[0]);
    expect((await stamp(here)).id.split('-')[0]).toBe(one.id.split('-')[0]);
  });

  it('a reader with the stamp of another database reloads everything', async () => {
    expect(await since(here, await stamp(here))).toEqual([]);
    expect(await since(here, await stamp(there))).toBeNull();
    const { id, position } = await stamp(here);
    expect(await since(here, { id: id.slice(id.indexOf('-') + 1), position })).toBeNull();
  });

  it('a reader with a stamp from before a new epoch reloads everything, and a later one reads on', async () => {
    await here.get(Changes).append('sessions', ['before']);
    const before = await stamp(here);
    await here.get(Database).rows(BEGIN_EPOCH_SQL);
    const after = await stamp(here);
    await here.get(Changes).append('sessions', ['after']);
    expect(await since(here, before)).toBeNull();
    expect((await since(here, after))?.map(({ key }) => key)).toEqual(['after']);
    expect(after.position).toBeGreaterThan(before.position);
  });
});
