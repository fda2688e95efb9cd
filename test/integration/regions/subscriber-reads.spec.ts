import { DataSources } from '#database';
import { DatabaseServer } from '../../setup/database-server.js';
import { eventually } from '../../setup/eventually.js';
import { ReplicatedDesk } from './replica-reads.fixture.js';

describe('reads of a logical subscriber', () => {
  let primary: DatabaseServer;
  let subscriber: DatabaseServer;
  let desk: ReplicatedDesk;

  beforeAll(async () => {
    primary = await DatabaseServer.start();
    subscriber = await DatabaseServer.start();
    await primary.query('CREATE PUBLICATION spec_reads FOR TABLE trading_events');
    await subscriber.query(
      `CREATE SUBSCRIPTION spec_reads CONNECTION '${primary.url}' PUBLICATION spec_reads WITH (streaming = off)`,
    );
    desk = await ReplicatedDesk.start(primary, subscriber);
  });

  afterAll(async () => {
    await desk?.close();
    await subscriber?.stop();
    await primary?.stop();
  });

  it('reads go to the subscriber when its tables have been copied, and see what it has applied', async () => {
    const id = await desk.record('copied');
    await desk.reads('replica');
    await eventually(async () => {
      const before = (await desk.outcomes())['replica']!;
      expect([await desk.shown(id), (await desk.outcomes())['replica']]).toEqual([1, before + 1]);
    });
    expect(desk.app.get(DataSources).replicaWatch!.kind).toBe('logical');
  });

  it('a read of a table that is not published goes to the primary', async () => {
    await desk.reads('replica');
    const before = (await desk.outcomes())['unpublished']!;
    const { status } = await desk.app.request('GET', '/v1/filings', { token: desk.token });
    expect(status).toBe(200);
    expect((await desk.outcomes())['unpublished']).toBe(before + 1);
  });

  it('an idle primary makes no subscriber look late, and changes of other tables neither', async () => {
    await desk.reads('replica');
    await primary.query('CREATE TABLE spec_noise AS SELECT generate_series(1, 20000) AS n');
    await desk.reads('replica');
    expect(desk.app.get(DataSources).replicaWatch!.stalenessMs).toBeLessThan(Infinity);
  });

  it('a subscription that is switched off makes reads return to the primary, and they come back with it', async () => {
    await desk.reads('replica');
    await subscriber.query('ALTER SUBSCRIPTION spec_reads DISABLE');
    const id = await desk.record('switched-off');
    await desk.reads('foreign'); // it subscribes to nothing
    expect(await desk.shown(id)).toBe(1);
    await subscriber.query('ALTER SUBSCRIPTION spec_reads ENABLE');
    await desk.reads('replica');
    await eventually(async () => expect(await desk.shown(id)).toBe(1));
  });

  it('a subscriber that is stopped by a conflict is late, and is not read beyond the bound', async () => {
    await desk.reads('replica');
    const id = '019a0000-0000-7000-8000-000000000001';
    const row = `INSERT INTO trading_events (id, type, version, correlation_id, payload, occurred_at)
      VALUES ('${id}', 'SpecRan', 1, 'conflict', '{}', now())`;
    await subscriber.query(row);
    await primary.query(row);
    const later = await desk.record('after-the-conflict');
    await desk.reads('stale');
    expect(await desk.shown(later)).toBe(1);
    await subscriber.query(`DELETE FROM trading_events WHERE id = '${id}'`);
    await desk.reads('replica');
    await eventually(async () => expect(await desk.shown(later)).toBe(1));
  });
});
