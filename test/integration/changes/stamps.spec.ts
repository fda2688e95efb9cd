import { Changes } from '#changes';
import { Database, Transactions } from '#database';
import { ChangeFeedRepository } from '../../../libs/changes/change-feed.repository.js';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('the stamp of a snapshot', () => {
  let shared: TestDatabase;
  let nodes: TestModule[];

  beforeAll(async () => {
    shared = await createTestDatabase();
    nodes = [await testModule([], { database: shared }), await testModule([], { database: shared })];
  });
  afterAll(async () => {
    for (const node of nodes) await node.close();
    await shared.drop();
  });
  beforeEach(() => nodes[0]!.get(Database).run('TRUNCATE change_feed'));

  const stamp = (node = nodes[0]!) => node.get(Transactions).readSnapshot(() => node.get(Changes).current());
  const append = (...keys: string[]) => nodes[0]!.get(Changes).append('sessions', keys);

  /** Both nodes in one snapshot, one after the other; another suite's write on the same server may come between and is another try. */
  const ofBoth = () =>
    eventually(async () => {
      const stamps = [await stamp(nodes[0]), await stamp(nodes[1])] as const;
      expect(stamps[1].id).toBe(stamps[0].id);
      return stamps;
    });

  it('the stamp of a snapshot is the same on every node at any time', async () => {
    for (const keys of [['a'], ['b', 'c'], ['d']]) {
      await append(...keys);
      const [one, other] = await ofBoth();
      expect(other).toEqual(one);
    }
  });

  it('the stamp of a snapshot holds the time of its newest change, not of the request', async () => {
    await append('a');
    const [{ at }] = (await nodes[0]!.get(Database).rows<{ at: Date }>('SELECT at FROM change_feed')) as [{ at: Date }];
    const first = await stamp();
    expect(first).toMatchObject({ position: expect.any(Number), asOf: at.toISOString() });
    await append('b');
    const second = await stamp();
    expect(second.position).toBeGreaterThan(first.position);
    expect(Date.parse(second.asOf)).toBeGreaterThanOrEqual(at.getTime());
  });

  it('the stamp of a snapshot is the same on every node before the first change', async () => {
    const [one, other] = await ofBoth();
    expect(one).toMatchObject({ position: 0, asOf: '1970-01-01T00:00:00.000Z' });
    expect(other).toEqual(one);
  });

  it('the stamp of a snapshot is not changed by a purge, and the next stamp is higher', async () => {
    await append('a', 'b');
    await nodes[0]!.get(Database).run(`UPDATE change_feed SET at = at - interval '2 hours'`);
    const held = Promise.withResolvers<void>();
    const purged = Promise.withResolvers<void>();
    const reader = nodes[1]!;
    const reading = reader.get(Transactions).readSnapshot(async () => {
      const before = await reader.get(Changes).current();
      held.resolve();
      await purged.promise;
      return [before, await reader.get(Changes).current()] as const;
    });
    await held.promise;
    expect(await nodes[0]!.get(ChangeFeedRepository).purge(3_600_000, 50_000)).toBe(2);
    purged.resolve();
    const [before, after] = await reading;
    expect(after).toEqual(before);
    const next = await stamp();
    expect(next.position).toBeGreaterThan(before.position);
    expect(Date.parse(next.asOf)).toBeGreaterThan(Date.parse(before.asOf));
  });
});
