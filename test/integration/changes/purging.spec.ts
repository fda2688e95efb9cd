import { Changes, type SnapshotStamp } from '#changes';
import { Database, Transactions } from '#database';
import { ChangeFeedRepository } from '../../../libs/changes/change-feed.repository.js';
import { partsOf } from '../../../libs/changes/snapshot-id.js';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const HOUR = 3_600_000;

describe('purging the change feed', () => {
  let module: TestModule;
  let changes: Changes;
  let transactions: Transactions;
  let database: Database;

  beforeAll(async () => {
    module = await testModule([]);
    [changes, transactions, database] = [module.get(Changes), module.get(Transactions), module.get(Database)];
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('TRUNCATE change_feed'));

  const purge = () => module.get(ChangeFeedRepository).purge(HOUR, 50_000);
  const age = () => database.run(`UPDATE change_feed SET at = at - interval '2 hours'`);
  const stamp = () => transactions.readSnapshot(() => changes.current());
  /** A snapshot newer than the whole feed. Its xmin is the server's, so an open transaction of another suite can delay it. */
  const stampPastFeed = () =>
    eventually(async () => {
      const seen = await stamp();
      const [row] = await database.rows<{ xid: string }>('SELECT max(xid)::text AS xid FROM change_feed');
      expect(BigInt(partsOf(seen.id).snapshot.split(':')[0]!)).toBeGreaterThan(BigInt(row!.xid));
      return seen;
    });
  const since = async (seen: SnapshotStamp) =>
    (await transactions.readSnapshot(() => changes.since(seen))).changes?.map((change) => change.key) ?? null;

  it('a reader older than the purged changes gets null, and a newer reader gets the changes', async () => {
    const slept = await stamp();
    await changes.append('sessions', ['a', 'b']);
    await age();
    const awake = await stampPastFeed();
    expect(await since(slept)).toEqual(['a', 'b']);
    expect(await purge()).toBe(2);
    await changes.append('sessions', ['c']);
    expect(await since(slept)).toBeNull();
    expect(await since(awake)).toEqual(['c']);
    expect(await since(await stamp())).toEqual([]);
  });

  it('a purge keeps changes within the retention, and leaves no note if it removed nothing', async () => {
    const seen = await stamp();
    await changes.append('sessions', ['young']);
    expect(await purge()).toBe(0);
    expect(await since(seen)).toEqual(['young']);
    expect(await database.rows('SELECT FROM change_feed')).toHaveLength(1);
  });

  it('still gives null to an old reader after the note of an earlier purge was purged', async () => {
    const slept = await stamp();
    await changes.append('sessions', ['a']);
    for (const removed of [1, 1, 1]) {
      await age();
      expect(await purge()).toBe(removed);
      expect(await since(slept)).toBeNull();
    }
    const awake = await stampPastFeed();
    await changes.append('sessions', ['b']);
    expect(await since(awake)).toEqual(['b']);
  });
});
