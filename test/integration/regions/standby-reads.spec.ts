import { Changes } from '#changes';
import { Database, DataSources, Transactions } from '#database';
import { DatabaseServer } from '../../setup/database-server.js';
import { eventually } from '../../setup/eventually.js';
import { ReplicatedDesk } from './replica-reads.fixture.js';

describe('reads of a standby', () => {
  let primary: DatabaseServer;
  let standby: DatabaseServer;
  let desk: ReplicatedDesk;

  beforeAll(async () => {
    primary = await DatabaseServer.start();
    standby = await primary.standby();
    desk = await ReplicatedDesk.start(primary, standby);
  });

  afterAll(async () => {
    await desk?.close();
    await standby?.stop();
    await primary?.stop();
  });

  const pause = () => standby.query('SELECT pg_wal_replay_pause()');
  const resume = () => standby.query('SELECT pg_wal_replay_resume()');
  const replayed = async () => {
    const [{ lsn }] = (await primary.query('SELECT pg_current_wal_flush_lsn()::text AS lsn')) as [{ lsn: string }];
    await eventually(async () =>
      expect(await standby.query(`SELECT pg_last_wal_replay_lsn() >= '${lsn}' AS done`)).toEqual([{ done: true }]),
    );
  };

  it('reads of history go to the standby, and the dashboard and the change feed never do', async () => {
    const id = await desk.record('first');
    await desk.reads('replica');
    await replayed();
    expect(await desk.shown(id)).toBe(1);
    const { status } = await desk.app.request('GET', '/v1/dashboard', { token: desk.token });
    expect(status).toBe(200);
    const names = await standby.query<{ name: string }>(
      `SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'deskwire%' ORDER BY 1`,
    );
    expect(names.map(({ name }) => name)).toEqual(['deskwire-replica', 'deskwire-replica-watch']);
  });

  it('a standby that stops replaying serves reads within the bound, and the primary serves them beyond it', async () => {
    await desk.reads('replica');
    await pause();
    const id = await desk.record('paused');
    // The age of the standby is measured: until the bound, an answer without the new row is allowed.
    const before = await desk.outcomes();
    const shown = await desk.shown(id);
    const after = await desk.outcomes();
    expect(shown).toBe(after['replica']! > before['replica']! ? 0 : 1);
    await desk.reads('stale');
    expect(await desk.usable()).toEqual({ physical: 0 });
    expect(await desk.shown(id)).toBe(1);
    expect(desk.app.get(DataSources).replicaWatch!.stalenessMs).toBeGreaterThan(3_000);
    await resume();
    await desk.reads('replica');
    expect(await desk.usable()).toEqual({ physical: 1 });
    await replayed();
    expect(await desk.shown(id)).toBe(1);
  });

  it('a request with Cache-Control: no-cache is answered by the primary', async () => {
    await desk.reads('replica');
    await pause();
    const id = await desk.record('newest');
    expect(await desk.shown(id, { 'cache-control': 'no-cache' })).toBe(1);
    expect((await desk.outcomes())['asked']).toBeGreaterThan(0);
    await resume();
  });

  it('a row that the standby does not have yet is found on the primary', async () => {
    await desk.reads('replica');
    await pause();
    const id = await desk.record('missing');
    const transactions = desk.app.get(Transactions);
    let attempts = 0;
    const found = await transactions.staleSnapshot(['trading_events'], async () => {
      attempts += 1;
      const rows = await desk.app.get(Database).rows('SELECT FROM trading_events WHERE correlation_id = $1', [id]);
      if (rows.length === 0) throw new Error('not found');
      return true;
    });
    expect([found, attempts]).toEqual([true, 2]);
    await resume();
  });

  it('no stamp of the change feed is made from the standby: the work runs again on the primary', async () => {
    await desk.reads('replica');
    const [transactions, changes] = [desk.app.get(Transactions), desk.app.get(Changes)];
    const pools: string[] = [];
    const stamp = await transactions.staleSnapshot(['change_feed'], () => {
      pools.push('read');
      return changes.current();
    });
    expect(pools).toHaveLength(2);
    const { id } = await transactions.readSnapshot(() => changes.current());
    expect(stamp.id.split('-')[0]).toBe(id.split('-')[0]);
  });

  it('a standby that hangs or refuses delays no read for long: reads in progress and later ones go to the primary', async () => {
    await desk.reads('replica');
    const id = await desk.record('frozen');
    desk.proxy.freeze();
    expect(await Promise.all(Array.from({ length: 5 }, () => desk.shown(id)))).toEqual([1, 1, 1, 1, 1]);
    await desk.reads('gone');
    desk.proxy.thaw();
    await desk.reads('replica');
    await desk.proxy.become('refuse');
    expect(await desk.shown(id)).toBe(1);
    await desk.reads('gone');
    await desk.proxy.become('pass');
    await desk.reads('replica');
  });

  it('a standby that is promoted is no replica any more', async () => {
    await desk.reads('replica');
    await standby.query('SELECT pg_promote(true, 60)');
    await desk.reads('foreign');
    const id = await desk.record('after the promotion'.replaceAll(' ', '-'));
    expect(await desk.shown(id)).toBe(1);
  });
});
