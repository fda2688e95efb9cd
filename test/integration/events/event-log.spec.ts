import { z } from 'zod';
import { Database, Transactions } from '#database';
import { defineEvent, EventLog, EventsModule, EventsRepository } from '#events';
import { uuid8 } from '#ids';
import { testModule } from '../../setup/test-module.js';

const OWNER = '01990000-0000-7000-8000-000000000001';
const AT = new Date('2026-08-17T03:45:00.123Z');
const FillSeen = defineEvent('SpecFillSeen', 1, z.strictObject({ text: z.string() }));

describe('the event log', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let log: EventLog;
  let database: Database;
  const count = async (sql: string): Promise<number> => Number((await database.rows<{ count: string }>(sql))[0]!.count);

  beforeAll(async () => {
    module = await testModule([EventsModule]);
    log = module.get(EventLog);
    database = module.get(Database);
  });
  afterAll(() => module.close());
  beforeEach(async () => {
    await database.run('DELETE FROM trading_events');
    await database.run('DELETE FROM change_feed');
  });

  it('the event log records all fields of an event, and its time in its id', async () => {
    const naughty = 'Ω≈ç√ 👩‍👧 \u202e "\' \\u0041 \r\n';
    const id = uuid8(AT, 'fill:1');
    const causationId = uuid8(AT, 'order:1');
    const { recorded } = await log.record({
      type: FillSeen.type,
      id,
      broker: 'zerodha',
      userId: OWNER,
      instrumentId: OWNER,
      correlationId: naughty,
      causationId,
      payload: { text: naughty },
    });
    expect(recorded).toBe(true);
    const [row] = await module.get(EventsRepository).page({ limit: 1 });
    expect(row).toEqual({
      ...{ id, type: 'SpecFillSeen', version: 1, broker: 'zerodha', userId: OWNER, instrumentId: OWNER, causationId },
      ...{ correlationId: naughty, payload: { text: naughty }, occurredAt: AT, recordedAt: expect.any(Date) },
    });
  });

  it('changes nothing when the same event is recorded again, alone, in a batch, or 50 times at once', async () => {
    const event = { type: FillSeen.type, id: uuid8(AT, 'fill:2'), payload: { text: 'first' } };
    const at = await Promise.all(Array.from({ length: 50 }, () => log.record(event)));
    expect(at.filter((receipt) => receipt.recorded)).toHaveLength(1);
    expect(await log.record({ ...event, payload: { text: 'second' } })).toEqual({ id: event.id, recorded: false });
    const other = { ...event, id: uuid8(AT, 'fill:3') };
    const receipts = await log.recordMany([event, other, other]);
    expect(receipts.map((receipt) => receipt.recorded)).toEqual([false, true, false]);
    expect(await count(`SELECT count(*) FROM trading_events WHERE payload->>'text' = 'first'`)).toBe(2);
    expect(await count(`SELECT count(*) FROM change_feed WHERE topic = 'events'`)).toBe(2);
  });

  it('joins the open transaction, whose rollback removes both event and change', async () => {
    const work = module.get(Transactions).atomic(async () => {
      await log.record({ type: FillSeen.type, payload: { text: 'never' } });
      throw new Error('after all, no');
    });
    await expect(work).rejects.toThrow('after all');
    expect(await count('SELECT count(*) FROM trading_events')).toBe(0);
    expect(await count('SELECT count(*) FROM change_feed')).toBe(0);
  });

  it('the event log records no event of a batch in which one is undeclared, has another shape, or differs from the time in its id', async () => {
    const good = { type: FillSeen.type, payload: { text: 'good' } };
    const bad = [
      [{ type: 'SpecNobodyDeclared', payload: {} }, 'EVENTS_TYPE_UNDECLARED'],
      [{ type: FillSeen.type, payload: { text: 'x', more: 1 } }, 'EVENTS_PAYLOAD_INVALID'],
      [{ ...good, version: 2 }, 'EVENTS_TYPE_UNDECLARED'],
      [{ ...good, id: uuid8(AT, 'x'), occurredAt: new Date(AT.getTime() + 1) }, 'EVENTS_ID_TIME_MISMATCH'],
    ] as const;
    for (const [event, code] of bad) await expect(log.recordMany([good, event])).rejects.toMatchObject({ code });
    expect(await count('SELECT count(*) FROM trading_events')).toBe(0);
  });

  it('the event log records 10,000 events in one statement', async () => {
    const events = Array.from({ length: 10_000 }, (_, n) => ({
      type: FillSeen.type,
      id: uuid8(AT, `n${n}`),
      payload: { text: `${n}` },
    }));
    const receipts = await log.recordMany(events);
    expect(receipts.every((receipt, n) => receipt.recorded && receipt.id === events[n]!.id)).toBe(true);
    expect(await count('SELECT count(DISTINCT position) FROM change_feed')).toBe(10_000);
  });

  it('the event log removes the events of removed demo users, and appends that to the change feed', async () => {
    const { id } = await log.record({ type: FillSeen.type, userId: OWNER, payload: { text: 'demo' } });
    await log.record({ type: FillSeen.type, payload: { text: 'kept' } });
    await database.run('DELETE FROM change_feed');
    expect(await log.removeOfUsers([OWNER])).toBe(1);
    expect(await database.rows('SELECT topic, key FROM change_feed')).toEqual([{ topic: 'events', key: id }]);
    expect(await count('SELECT count(*) FROM trading_events')).toBe(1);
  });
});
