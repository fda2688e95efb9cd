import { appendTogetherSql, Changes, type SnapshotStamp } from '#changes';
import type { Change } from '../../../libs/changes/change-feed.repository.js';
import { Database, Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { partsOf } from '../../../libs/changes/snapshot-id.js';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

/** A transaction that appended and stays open until `end` is called. */
interface OpenWriter {
  end(how: 'commit' | 'abort'): Promise<void>;
}

describe('a reader of the change feed', () => {
  let module: TestModule;
  let changes: Changes;
  let transactions: Transactions;

  beforeAll(async () => {
    module = await testModule([]);
    [changes, transactions] = [module.get(Changes), module.get(Transactions)];
  });
  afterAll(() => module.close());
  afterEach(() => module.get(Database).run('TRUNCATE change_feed'));

  async function openWriter(key: string, write?: () => Promise<unknown>): Promise<OpenWriter> {
    const appended = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<'commit' | 'abort'>();
    const ended = withCorrelation(key, () =>
      transactions.atomic(async () => {
        await changes.append('portfolios', [key]);
        await write?.();
        appended.resolve();
        if ((await ending.promise) === 'abort') throw new Error('aborted');
      }),
    );
    ended.catch(appended.reject);
    await appended.promise;
    return {
      end: (how) => {
        ending.resolve(how);
        return ended.catch((error: Error) => (how === 'abort' ? undefined : Promise.reject(error)));
      },
    };
  }

  const stamp = () => transactions.readSnapshot(() => changes.current());
  const since = async (seen: SnapshotStamp) => (await transactions.readSnapshot(() => changes.since(seen))).changes;
  const keys = (seen: Change[] | null) => seen?.map((change) => change.key).sort();
  const byPosition = async (last: number) =>
    (
      await module
        .get(Database)
        .rows<Change>('SELECT position::text, topic, key FROM change_feed WHERE position > $1', [last])
    ).map((change) => change.key);

  it('a reader of the change feed gets the change of a writer that commits late with a lower position, which `position > last` never finds (negative control)', async () => {
    const start = await stamp();
    const slow = await openWriter('slow');
    const quick = await openWriter('quick');
    await quick.end('commit');
    const seen = await stamp();
    expect(keys(await since(start))).toEqual(['quick']);
    await slow.end('commit');

    const late = await since(seen);
    expect(keys(late)).toEqual(['slow']);
    expect(Number(late![0]!.position)).toBeLessThan(seen.position);
    expect(await byPosition(seen.position)).toEqual([]);
  });

  it('a reader of the change feed gets each change exactly once over a chain of snapshots, in whichever order the writers end', async () => {
    let last = await stamp();
    const told: string[] = [];
    const waiting: [string, OpenWriter][] = [];
    for (let n = 0; n < 12; n++) {
      waiting.push([`w${n}`, await openWriter(`w${n}`)]);
      // Oldest, youngest and middle in rotation. Every fourth aborts.
      if (n % 2 === 1)
        await waiting
          .splice([0, waiting.length - 1, waiting.length >> 1][n % 3]!, 1)[0]![1]
          .end(n % 4 === 3 ? 'abort' : 'commit');
      const [next, news] = await transactions.readSnapshot(
        async () => [await changes.current(), await changes.since(last)] as const,
      );
      expect(news.stamp).toEqual(next);
      told.push(...keys(news.changes)!);
      last = next;
    }
    for (const [, writer] of waiting) await writer.end('commit');
    told.push(...keys(await since(last))!);
    const committed = await module.get(Database).rows<{ key: string }>('SELECT key FROM change_feed');
    expect(committed).toHaveLength(9);
    expect(told.sort()).toEqual(committed.map((row) => row.key).sort());
  });

  it('gets each key of a row with several keys, also of a writer that commits late', async () => {
    const database = module.get(Database);
    const grouped = (key: string) =>
      database.run(appendTogetherSql('quotes', 'k', `unnest(ARRAY['${key}1', '${key}2', '${key}2']) AS k`));
    const start = await stamp();
    const slow = await openWriter('slow', () => grouped('s'));
    await grouped('q');
    const seen = await stamp();
    expect(keys(await since(start))).toEqual(['q1', 'q2']);
    await slow.end('commit');
    expect(keys(await since(seen))).toEqual(['s1', 's2', 'slow']);
    await database.run(appendTogetherSql('quotes', 'k', `unnest('{}'::text[]) AS k`));
    expect(await database.rows('SELECT FROM change_feed')).toHaveLength(3);
  });

  it('a reader of the change feed gets nothing from a writer that rolled back or that appended no keys', async () => {
    const start = await stamp();
    await (await openWriter('never')).end('abort');
    await changes.append('portfolios', []);
    expect(await since(start)).toEqual([]);
  });

  it('a reader of the change feed gets the change of a transaction whose id was used before a crash and again after it', async () => {
    const before = await stamp();
    // What PostgreSQL does after a crash: the id is one that `before` counts as ended long ago, the position is new.
    const spent = `${BigInt(partsOf(before.id).snapshot.split(':')[0]!) - 1n}`;
    await module
      .get(Database)
      .rows(`INSERT INTO change_feed (xid, topic, key) VALUES ($1::text::xid8, 'portfolios', 'after the crash')`, [
        spent,
      ]);
    expect(keys(await since(before))).toEqual(['after the crash']);
    expect(await since(await stamp())).toEqual([]);
  });

  it('a reader of the change feed reads 50,000 rows of the feed by index, not by a sequential scan', async () => {
    const database = module.get(Database);
    await database.run(
      `INSERT INTO change_feed (topic, key) SELECT 'quotes', n::text FROM generate_series(1, 50000) n`,
    );
    await database.run('ANALYZE change_feed');
    // While a transaction of any database of the server is older than those rows, all of them are to be looked at.
    await eventually(async () => {
      const [row] = await database.rows<{ past: boolean }>(
        `SELECT max(xid) < pg_snapshot_xmin(pg_current_snapshot()) AS past FROM change_feed`,
      );
      expect(row).toEqual({ past: true });
    });
    const start = await stamp();
    await changes.append('quotes', ['last']);
    const scans = async () =>
      (
        await database.rows<{ scans: number }>(
          `SELECT seq_scan::integer AS scans FROM pg_stat_xact_user_tables WHERE relname = 'change_feed'`,
        )
      )[0]!.scans;
    // The server may not have reported the scans of earlier transactions of this connection yet, so only the difference counts.
    const [before, news, after] = await transactions.readSnapshot(
      async () => [await scans(), await changes.since(start), await scans()] as const,
    );
    expect(keys(news.changes)).toEqual(['last']);
    expect(after - before).toBe(0);
  });
});
