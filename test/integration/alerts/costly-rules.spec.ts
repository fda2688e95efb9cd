import { alertsConfig } from '#alerts/config';
import type { InternalValues } from '#config';
import { EventInbox } from '../../../libs/events/inbox/event-inbox.js';
import { worstRule, worstText } from '../../e2e/alert-budgets.fixture.js';
import { eventually } from '../../setup/eventually.js';
import { AlertingDesk } from './alerting-desk.fixture.js';

const WORST = worstText(2_000);

describe('a rule that takes too long', () => {
  let desk: AlertingDesk;
  const open = async (values: Parameters<typeof alertsConfig.with>[0]) => {
    const internals: InternalValues[] = [alertsConfig.with(values)];
    desk = await AlertingDesk.open(undefined, internals);
    await desk.lane({ operator: true });
  };
  afterEach(() => desk.close());

  const overruns = () => desk.rows('SELECT rule_id, events FROM alert_rule_overruns');
  const ruleOf = async (id: string) => (await desk.rows('SELECT * FROM alert_rules WHERE id = $1', [id]))[0];
  const alertsOf = (ruleId: string) => desk.rows('SELECT * FROM alerts WHERE rule_id = $1', [ruleId]);
  /** Without the acts of making users and rules, which are events, too. */
  const inbox = () =>
    desk.rows(
      `SELECT i.* FROM event_inbox i JOIN trading_events e ON e.id = i.event_id
       WHERE e.type <> 'SecurityActRecorded' ORDER BY event_id`,
    );
  const drain = async () => {
    await desk.rows('UPDATE event_inbox SET not_before = NULL');
    await desk.get(EventInbox).drain();
  };
  const events = async (type: string) => desk.rows('SELECT * FROM trading_events WHERE type = $1', [type]);

  it('an event on which a rule takes too long does not match, is counted once, and matches other rules', async () => {
    await open({ ruleMs: 0.5, overrunsPerDay: 2 });
    const [me, other] = [await desk.user(), await desk.user()];
    const costly = await desk.rule(me, { ...worstRule('payload.title', 1), channels: [] });
    const plain = await desk.rule(other, {});
    for (let n = 0; n < 2; n++) await desk.news(WORST);
    await eventually(async () => expect(await overruns()).toEqual([{ rule_id: costly.id, events: 2 }]));
    expect((await ruleOf(costly.id)).enabled).toBe(true);
    expect(await alertsOf(plain.id)).toHaveLength(2);
  });

  it('a rule that takes too long is switched off at the third event; its owner and the operators get an alert, and the owner can enable it again', async () => {
    await open({ ruleMs: 0.5, overrunsPerDay: 2 });
    const me = await desk.user();
    const { id } = await desk.rule(me, { ...worstRule('payload.title', 1), channels: [] });
    for (let n = 0; n < 3; n++) await desk.news(WORST);
    const reason = expect.stringContaining('exceeded its time limit on 3 events within a day (0.5 ms of CPU');
    await eventually(async () => expect(await ruleOf(id)).toMatchObject({ enabled: false, switched_off: reason }));
    const [event] = await events('AlertRuleSwitchedOff');
    expect(event).toMatchObject({ user_id: me.userId, payload: { ruleId: id, events: 3 } });
    expect(await alertsOf(id)).toMatchObject([{ user_id: me.userId, event_id: event.id, severity: 'warning' }]);
    const [builtIn] = await desk.rows(`SELECT id FROM alert_rules WHERE built_in = 'AlertRuleSwitchedOff'`);
    expect(await alertsOf(builtIn.id)).toMatchObject([{ user_id: null, event_id: event.id }]);

    await desk.news(WORST); // Not evaluated any more.
    expect(await alertsOf(id)).toHaveLength(1);
    expect(await desk.change(me, id, { enabled: true })).toMatchObject({ enabled: true, switchedOff: null });
  });

  it('rules of an owner that take too long together are skipped, and those of another owner are not', async () => {
    await open({ ruleMs: 1e6, ownerMs: 8 });
    const [me, other] = [await desk.user(), await desk.user()];
    for (let n = 0; n < 3; n++) await desk.rule(me, worstRule('payload.title', 1, n));
    const theirs = await desk.rule(other, { condition: { op: 'matches', field: 'payload.title', value: 'ab' } });
    await desk.news(WORST);
    await eventually(async () => expect(await overruns()).toMatchObject([{ events: 1 }]));
    expect(await alertsOf(theirs.id)).toHaveLength(1);
  });

  it('a rule that takes too long leaves the event to the inbox when the recorder would wait too long, and the inbox evaluates it', async () => {
    await open({ ruleMs: 1e6, ownerMs: 1e6, sliceMs: 0, recorderPatienceMs: 1 });
    const [me, other] = [await desk.user(), await desk.user()];
    const rules = [await desk.rule(me, worstRule('payload.title', 2)), await desk.rule(other, {})];
    const { recorded } = await desk.news(WORST);
    expect(recorded).toBe(true);
    expect(await inbox()).toMatchObject([{ attempts: 0 }]);
    expect(await desk.alerts()).toEqual([]);
    await drain();
    expect(await inbox()).toEqual([]);
    expect(await alertsOf(rules[1]!.id)).toHaveLength(1);
  });

  it('an event whose rule ends the thread is set aside after the second attempt, and delays no other event', async () => {
    await open({ ruleMs: 1e6, ownerMs: 1e6, sliceMs: 1e6, deadlineMs: 2_000 });
    const { id } = await desk.rule(await desk.user(), { ...worstRule('payload.tags', 2), channels: [] });
    const tags = Array.from({ length: 500 }, (_, n) => `${n}${WORST}`);
    const { id: eventId } = await desk.news('Long', { tags });
    expect(await inbox()).toMatchObject([{ event_id: eventId, attempts: 1, set_aside_at: null }]);
    const plain = await desk.rule(await desk.user(), {});
    await desk.rows('INSERT INTO event_inbox (event_id) VALUES ($1)', [await desk.recordSilently('Short')]);
    await drain();
    expect(await inbox()).toMatchObject([
      { event_id: eventId, attempts: 2, set_aside_reason: 'THREADS_DEADLINE_EXCEEDED' },
    ]);
    expect(await alertsOf(plain.id)).toMatchObject([{ title: 'Short' }]);
    expect(await events('EventSetAside')).toMatchObject([
      { causation_id: eventId, payload: { eventId, eventType: 'SpecNews', reason: 'THREADS_DEADLINE_EXCEEDED' } },
    ]);
    await eventually(async () => expect(await overruns()).toEqual([{ rule_id: id, events: 2 }]));
    await drain(); // Never again.
    expect(await inbox()).toMatchObject([{ attempts: 2 }]);
  });
});
