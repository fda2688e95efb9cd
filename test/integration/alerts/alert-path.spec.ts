import { AlertsRepository } from '#alerts';
import { Database, Transactions } from '#database';
import { EventLog } from '#events';
import { withCorrelation } from '#telemetry';
import { uuid8 } from '#ids';
import { AlertingDesk, SpecNews, SpecTick, SpecTrouble } from './alerting-desk.fixture.js';

const AT = new Date('2026-08-17T03:45:00.123Z');

describe('from an event to its deliveries', () => {
  let desk: AlertingDesk;
  beforeAll(async () => (desk = await AlertingDesk.open()));
  afterAll(() => desk.close());
  beforeEach(() => desk.empty());

  it('200 concurrent recordings of one event make one event, one alert and one delivery per lane', async () => {
    const [me, lanes] = [
      await desk.user(),
      [await desk.lane(), await desk.lane({ format: 'slack' }), await desk.lane({ format: 'discord' })],
    ];
    const { id: ruleId } = await desk.rule(me, { channels: lanes });
    const windowed = await desk.rule(me, { dedupe: { windowSeconds: 600 } });
    const id = uuid8(AT, 'news:1');
    const receipts = await Promise.all(Array.from({ length: 200 }, () => desk.news('Merger', {}, id)));
    expect(receipts.filter(({ recorded }) => recorded)).toHaveLength(1);
    const alerts = (await desk.alerts()).filter((alert) => alert.rule_id === ruleId);
    expect(alerts).toHaveLength(1);
    expect((await desk.alerts()).filter((alert) => alert.rule_id === windowed.id).map((alert) => alert.count)).toEqual([
      1,
    ]);
    expect(alerts[0]).toMatchObject({ event_id: id, user_id: me.userId, title: 'Merger', count: 1 });
    const deliveries = await desk.deliveries();
    expect(deliveries.map((row) => row.endpoint_id).sort()).toEqual([...lanes].sort());
    expect(
      deliveries.every(
        (row) => row.alert_id === alerts[0].id && row.message_id === alerts[0].id && row.status === 'pending',
      ),
    ).toBe(true);
    expect(JSON.parse(deliveries.find((row) => row.endpoint_id === lanes[0]).body)).toMatchObject({
      id: alerts[0].id,
      type: 'alert',
      event: { id, payload: { title: 'Merger' } },
    });
  });

  it('an alert past its retention is removed and announced on the change feed; a younger one stays', async () => {
    const { id: ruleId } = await desk.rule(await desk.user(), {});
    for (const title of ['Old', 'Young']) await desk.news(title);
    const age = (title: string, days: number) =>
      desk
        .get(Database)
        .rows<{ id: string }>(
          `UPDATE alerts SET id = uuidv7($2 * interval '-1 day') WHERE title = $1 AND rule_id = $3 RETURNING id`,
          [title, days, ruleId],
        );
    const [old] = await age('Old', 91);
    await age('Young', 89);
    expect(await desk.get(AlertsRepository).removeOlder(90 * 86_400_000, 10)).toBe(1);
    expect((await desk.alerts()).filter(({ rule_id }) => rule_id === ruleId).map(({ title }) => title)).toEqual([
      'Young',
    ]);
    const told = await desk
      .get(Database)
      .rows(`SELECT FROM change_feed WHERE topic = 'alerts' AND key = $1`, [old!.id]);
    expect(told).toHaveLength(1);
  });

  it('a rollback of the recorder leaves no event, alert or delivery', async () => {
    await desk.rule(await desk.user(), { channels: [await desk.lane()] });
    const work = desk.get(Transactions).atomic(async () => {
      await desk.news('Never');
      throw new Error('after all, no');
    });
    await expect(work).rejects.toThrow('after all');
    expect([await desk.alerts(), await desk.deliveries()]).toEqual([[], []]);
  });

  it('a committed rule matches at once in every process; after a change or deletion it no longer does', async () => {
    const other = await AlertingDesk.open(desk.testDatabase);
    try {
      const me = await desk.user();
      for (let round = 0; round < 5; round++) {
        const { id } = await desk.rule(me, {
          condition: { op: 'contains', field: 'payload.title', value: `round ${round}` },
        });
        await other.news(`round ${round}`);
        expect((await desk.alerts()).map((alert) => alert.rule_id)).toEqual([id]);
        await desk.rows(
          round % 2 ? 'DELETE FROM alert_rules WHERE id = $1' : 'UPDATE alert_rules SET enabled = false WHERE id = $1',
          [id],
        );
        await other.news(`round ${round}`);
        expect(await desk.alerts()).toHaveLength(1);
        await desk.rows('DELETE FROM alerts');
      }
    } finally {
      await other.close();
    }
  });

  it('a rule written in the same transaction matches in it; after a rollback it never matched', async () => {
    const me = await desk.user();
    const work = desk.get(Transactions).atomic(async () => {
      await desk.news('before the rule');
      await desk.rule(me, {});
      await desk.news('inside');
      expect((await desk.alerts()).map((alert) => alert.title)).toEqual(['inside']);
      throw new Error('rolled back');
    });
    await expect(work).rejects.toThrow('rolled back');
    await desk.news('after');
    expect(await desk.alerts()).toEqual([]);
    // And one that is committed after its transaction had asked for the rules is seen by the next: PostgreSQL leaves the
    // asking transaction out of its own snapshot, which shows once a later one has been committed meanwhile.
    await desk.get(Transactions).atomic(async () => {
      await desk.news('first');
      await withCorrelation(undefined, () =>
        desk.rows(`INSERT INTO change_feed (topic, key) VALUES ('spec', 'a later transaction')`),
      );
      await desk.news('again');
      await desk.rule(me, {});
    });
    await desk.news('second');
    expect((await desk.alerts()).map((alert) => alert.title)).toEqual(['second']);
  });

  it('removing a user removes their rules, and events are still recorded', async () => {
    const me = await desk.user();
    await desk.rule(me, {});
    await desk.news('one');
    await desk.rows('DELETE FROM users WHERE id = $1', [me.userId]);
    await desk.news('two');
    expect((await desk.alerts()).map((alert) => alert.title)).toEqual(['one']);
  });

  it('rules of a user match their own and public events; rules of the desk match all', async () => {
    const [me, other, operator] = [await desk.user(), await desk.user(), await desk.user('operator')];
    const condition = { op: 'in', field: 'type', values: ['SpecNews', 'SpecTrouble'] };
    const [mine, desks] = [await desk.rule(me, { condition }), await desk.rule(operator, { condition, scope: 'desk' })];
    const record = (type: string, title: string, userId?: string) =>
      desk.get(EventLog).record({ type, payload: { title }, ...(userId && { userId }) });
    await record(SpecNews.type, 'public');
    await record(SpecNews.type, 'mine', me.userId);
    await record(SpecNews.type, 'theirs', other.userId);
    await record(SpecTrouble.type, 'trouble');
    const titles = async (rule: string) =>
      (await desk.alerts()).filter((alert) => alert.rule_id === rule).map((alert) => alert.title);
    expect(await titles(mine.id)).toEqual(['public', 'mine']);
    expect(await titles(desks.id)).toEqual(['public', 'mine', 'theirs', 'trouble']);
  });

  it('equal matches within the window are counted on the first alert, also 50 at once and in one batch', async () => {
    const lane = await desk.lane();
    await desk.rule(await desk.user(), { channels: [lane], dedupe: { windowSeconds: 600, by: ['payload.ticker'] } });
    await Promise.all(Array.from({ length: 50 }, (_, n) => desk.news(`n${n}`, { ticker: n % 2 ? 'AAPL' : 'MSFT' })));
    await desk.get(EventLog).recordMany(
      ['AAPL', 'AAPL', 'NVDA', 'NVDA'].map((ticker) => ({
        type: SpecNews.type,
        payload: { title: 'batch', ticker },
      })),
    );
    const counts = (await desk.alerts()).map((alert) => [
      alert.fields.find((field: any) => field.name === 'ticker').value,
      alert.count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ AAPL: 27, MSFT: 25, NVDA: 2 });
    expect(counts).toHaveLength(3);
    expect(await desk.deliveries()).toHaveLength(3);
    await desk.rows(`UPDATE alert_dedupe_windows SET until = now() - interval '1 s'`);
    await desk.news('later', { ticker: 'AAPL' });
    expect(await desk.alerts()).toHaveLength(4);
  });

  it('a message in quiet hours waits for their end, unless the alert is critical', async () => {
    const [me, lane] = [await desk.user(), await desk.lane()];
    const from = new Date(Date.now() - 3_600_000).toISOString().slice(11, 16);
    const to = new Date(Date.now() + 7_200_000).toISOString().slice(11, 16);
    const quietHours = { timeZone: 'UTC', windows: [{ from, to }] };
    const [warning, critical] = [
      await desk.rule(me, { channels: [lane], quietHours }),
      await desk.rule(me, { channels: [lane], quietHours, severity: 'critical' }),
    ];
    await desk.news('at night');
    const alerts = await desk.alerts();
    const waits = (rule: string) => alerts.find((alert) => alert.rule_id === rule).deferred_until as Date | null;
    expect(waits(warning.id)?.toISOString().slice(11, 19)).toBe(`${to}:00`);
    expect(waits(critical.id)).toBeNull();
    const due = new Map((await desk.deliveries()).map((row) => [row.alert_id, row.next_attempt_at as Date]));
    expect(due.get(alerts.find((alert) => alert.rule_id === warning.id).id)).toEqual(waits(warning.id));
    expect(due.get(alerts.find((alert) => alert.rule_id === critical.id).id)!.getTime()).toBeLessThanOrEqual(
      Date.now() + 1_000,
    );
  });

  it('messages go to lanes that accept the severity and still belong to the owner or the desk', async () => {
    const [me, other] = [await desk.user(), await desk.user()];
    const [mine, strict, theirs] = [
      await desk.lane({ userId: me.userId }),
      await desk.lane({ minSeverity: 'critical' }),
      await desk.lane({ userId: other.userId }),
    ];
    const { id } = await desk.rule(me, { channels: [mine, strict] });
    await desk.rows('UPDATE alert_rules SET channels = channels || $2::uuid WHERE id = $1', [id, theirs]);
    await desk.news('x');
    expect((await desk.deliveries()).map((row) => row.endpoint_id)).toEqual([mine]);
  });

  it('a price move within a window counts prices of the same instrument only', async () => {
    await desk.rule(await desk.user(), {
      condition: {
        all: [
          { op: 'equals', field: 'type', value: 'SpecTick' },
          { op: 'moved', field: 'payload.price', withinSeconds: 60, by: '5', unit: 'percent', direction: 'up' },
        ],
      },
    });
    const tick = (seconds: number, ticker: string, price: string) =>
      desk.get(EventLog).record({
        type: SpecTick.type,
        occurredAt: new Date(AT.getTime() + seconds * 1_000),
        payload: { title: `${ticker} ${seconds}`, ticker, price },
      });
    for (const [seconds, ticker, price] of [
      [0, 'A', '100'],
      [1, 'B', '1'],
      [30, 'A', '104.99'],
      [40, 'A', 'n/a'],
      [50, 'A', '105'],
      [61, 'A', '105.2'],
      [62, 'B', '1.04'],
    ] as const)
      await tick(seconds, ticker, price);
    // 105 is 5 % above 100; at 61 s the 100 has left the window.
    expect((await desk.alerts()).map((alert) => alert.title)).toEqual(['A 50']);
  });

  it('an alert is appended to the change feed and counted by owner in the totals', async () => {
    const [me, operator] = [await desk.user(), await desk.user('operator')];
    await desk.rule(me, {});
    await desk.rule(operator, { scope: 'desk', severity: 'critical' });
    await desk.rows(`DELETE FROM change_feed`);
    await desk.news('one');
    await desk.news('two');
    const alerts = await desk.alerts();
    expect(
      (await desk.rows(`SELECT key FROM change_feed WHERE topic = 'alerts'`)).map(({ key }) => key).sort(),
    ).toEqual(alerts.map((alert) => alert.id).sort());
    const repository = desk.get(AlertsRepository);
    expect(await repository.totals()).toEqual([
      { userId: me.userId, info: 0, warning: 2, critical: 0 },
      { userId: null, info: 0, warning: 0, critical: 2 },
    ]);
    const latest = await repository.latest(1, 0);
    expect(latest.map(({ userId, title }) => [userId, title]).sort()).toEqual(
      [
        [me.userId, 'two'],
        [null, 'two'],
      ].sort(),
    );
  });
});
