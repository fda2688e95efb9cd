import { z } from 'zod';
import { Database } from '#database';
import { defineEvent, EventLog, EventsModule } from '#events';
import { EventPartitions } from '../../../libs/events/event-partitions.js';
import { testModule } from '../../setup/test-module.js';

const Aged = defineEvent('SpecAged', 1, z.strictObject({ n: z.number() }));

describe('the months of trading_events', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let database: Database;
  const partitionOf = async (id: string): Promise<string> =>
    (
      await database.rows<{ name: string }>(
        'SELECT tableoid::regclass::text AS name FROM trading_events WHERE id = $1',
        [id],
      )
    )[0]!.name;
  const at = (time: string): Promise<{ id: string }> =>
    module.get(EventLog).record({ type: Aged.type, occurredAt: new Date(time), payload: { n: 1 } });

  beforeAll(async () => {
    module = await testModule([EventsModule]);
    database = module.get(Database);
  });
  afterAll(() => module.close());

  it('exist for the current month after the migration', async () => {
    const now = new Date().toISOString();
    expect(await partitionOf((await at(now)).id)).toBe(`trading_events_${now.slice(0, 7).replace('-', '_')}`);
  });

  it('the months of trading_events are created once by 8 concurrent calls, and not again by a later call', async () => {
    const partitions = module.get(EventPartitions);
    const now = new Date('2031-05-31T23:59:59.999Z');
    const made = await Promise.all(Array.from({ length: 8 }, () => partitions.ensure(now)));
    expect(made.flat().sort()).toEqual(
      ['2031_04', '2031_05', '2031_06', '2031_07', '2031_08'].map((month) => `trading_events_${month}`),
    );
    expect(await partitions.ensure(now)).toEqual([]);
  });

  it('the months of trading_events take over all rows of the default partition while others write', async () => {
    const { id } = await at('2035-02-10T00:00:00Z');
    expect(await partitionOf(id)).toBe('trading_events_default');
    const writers = Array.from({ length: 20 }, (_, n) =>
      at(`2035-02-${String((n % 28) + 1).padStart(2, '0')}T12:00:00Z`),
    );
    await Promise.all([module.get(EventPartitions).ensure(new Date('2035-02-15T00:00:00Z')), ...writers]);
    expect(await partitionOf(id)).toBe('trading_events_2035_02');
    const [row] = await database.rows(
      `SELECT count(*)::integer AS count, count(DISTINCT id)::integer AS ids, count(*) FILTER (WHERE tableoid <> 'trading_events_2035_02'::regclass)::integer AS strays
       FROM trading_events WHERE occurred_at >= '2035-01-01' AND occurred_at < '2036-01-01'`,
    );
    expect(row).toEqual({ count: 21, ids: 21, strays: 0 });
  });

  it('the months of trading_events refuse an id that another month has', async () => {
    const { id } = await at('2031-05-15T00:00:00Z');
    const again = database.run(
      `INSERT INTO trading_events (id, type, version, payload, occurred_at) VALUES ($1, 'SpecAged', 1, '{"n":1}', '2031-07-01')`,
      [id],
    );
    await expect(again).rejects.toMatchObject({ code: '23505' });
  });

  it('the months of trading_events are pruned by from and to, so a page of one month reads no other', async () => {
    // Created here, so that the test does not depend on the current month.
    await module.get(EventPartitions).ensure(new Date('2026-11-23T00:00:00Z'));
    const [firstId, nextId] = ['01a19467-e800-0000-0000-000000000000', '01a22ee6-b000-0000-0000-000000000000'];
    const plan = await database.rows<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT id FROM trading_events WHERE id >= '${firstId}' AND id < '${nextId}' ORDER BY id DESC LIMIT 10`,
    );
    const months = plan.flatMap((line) => line['QUERY PLAN'].match(/\d{4}_\d{2}/g) ?? []);
    expect(new Set(months)).toEqual(new Set(['2026_11']));
  });
});
