import { EventLog, operatorEvents } from '#events';
import { EventInbox } from '../../../libs/events/inbox/event-inbox.js';
import { Breakers } from '#resilience';
import { eventually } from '../../setup/eventually.js';
import { AlertingDesk, SpecTrouble } from './alerting-desk.fixture.js';

describe('operator alerts', () => {
  let desk: AlertingDesk;
  beforeAll(async () => (desk = await AlertingDesk.open()));
  afterAll(() => desk.close());
  beforeEach(() => desk.empty());
  const trouble = (payload: object) => desk.get(EventLog).record({ type: SpecTrouble.type, payload });

  it('operator alerts have one built-in rule for each type, however often a process starts', async () => {
    const again = await AlertingDesk.open(desk.testDatabase);
    await again.close();
    const rules = await desk.rows('SELECT built_in, severity FROM alert_rules WHERE built_in IS NOT NULL ORDER BY 1');
    expect(rules).toEqual(
      operatorEvents()
        .map(({ type, operator }) => ({ built_in: type, severity: operator }))
        .sort((a, b) => (a.built_in < b.built_in ? -1 : 1)),
    );
    expect(rules.map((rule) => rule.built_in)).toEqual(
      expect.arrayContaining(['AlertUnformattable', 'BreakerOpened', 'SpecTrouble']),
    );
  });

  it('go to the operator lanes, except to the endpoint that the event is about', async () => {
    const [one, two] = [await desk.lane({ operator: true }), await desk.lane({ operator: true })];
    await desk.lane();
    await trouble({ title: 'all' });
    expect((await desk.deliveries()).map((row) => row.endpoint_id).sort()).toEqual([one, two].sort());
    await trouble({ title: 'one is down', endpointId: one });
    const [, , last] = await desk.deliveries();
    expect(last.endpoint_id).toBe(two);
    expect(await desk.deliveries()).toHaveLength(3);
  });

  it('report an alert without a message, which is kept; the deliveries of other rules are sent', async () => {
    const [operators, generic] = [await desk.lane({ operator: true, format: 'text' }), await desk.lane()];
    const me = await desk.user();
    await desk.rule(me, { channels: [generic], message: { title: '{payload.ticker} moved' } });
    const { id } = await desk.news('no ticker');
    const [kept, told] = await desk.alerts();
    expect(kept).toMatchObject({
      event_id: id,
      user_id: me.userId,
      unformattable: expect.stringContaining('payload.ticker'),
    });
    expect(told).toMatchObject({
      event_type: 'AlertUnformattable',
      user_id: null,
      body: expect.stringContaining('payload.ticker'),
    });
    expect((await desk.deliveries()).map((row) => row.endpoint_id)).toEqual([operators]);

    await desk.empty();
    const [ops, big, small] = [
      await desk.lane({ operator: true, format: 'text' }),
      await desk.lane(),
      await desk.lane({ format: 'slack' }),
    ];
    await desk.rule(me, { channels: [big, small] });
    await desk.news('too big for one', { text: 'x'.repeat(140_000) });
    const sent = (await desk.deliveries()).map((row) => row.endpoint_id);
    expect(sent.sort()).toEqual([ops, small].sort());
    const [event] = await desk.rows(
      `SELECT payload, causation_id FROM trading_events WHERE type = 'AlertUnformattable'`,
    );
    expect(event.payload).toMatchObject({ endpointId: big, format: 'generic', why: expect.stringContaining('131072') });
  });

  it('operator alerts do not report an unformattable alert about an unformattable alert', async () => {
    const operator = await desk.user('operator');
    await desk.rule(operator, {
      scope: 'desk',
      condition: { op: 'equals', field: 'type', value: 'AlertUnformattable' },
      message: { title: '{payload.endpointId}' }, // Left out when the alert has no message for any endpoint.
    });
    await desk.rule(operator, { scope: 'desk', message: { title: '{payload.nothing}' } });
    await desk.news('x');
    expect(await desk.rows(`SELECT id FROM trading_events WHERE type = 'AlertUnformattable'`)).toHaveLength(1);
    expect((await desk.alerts()).filter((alert) => alert.unformattable !== null)).toHaveLength(2);
  });

  it('include each state change of a breaker', async () => {
    await desk.lane({ operator: true });
    const at = new Date();
    desk.get(Breakers).moved({ name: 'www.sec.gov', from: 'closed', to: 'open', at, reason: 'timeout' });
    desk.get(Breakers).moved({ name: 'www.sec.gov', from: 'open', to: 'half-open', at, reason: 'time' });
    await eventually(async () => {
      const alerts = await desk.alerts();
      expect(alerts.map((alert) => [alert.event_type, alert.title]).sort()).toEqual([
        ['BreakerHalfOpen', 'Breaker half open: www.sec.gov'],
        ['BreakerOpened', 'Breaker opened: www.sec.gov'],
      ]);
    });
  });

  it('handle an event recorded by an SQL statement once, whichever process drains the inbox', async () => {
    await desk.rule(await desk.user(), { condition: { op: 'startsWith', field: 'payload.title', value: 'sql' } });
    // The acts of making the user and the rule are events, too.
    await desk.get(EventInbox).drain();
    await desk.rows(`
      WITH e AS (INSERT INTO trading_events (id, type, version, payload, occurred_at)
        SELECT uuidv7(), 'SpecNews', 1, jsonb_build_object('title', 'sql ' || n), now() FROM generate_series(1, 500) n RETURNING id)
      INSERT INTO event_inbox (event_id) SELECT id FROM e`);
    const drained = await Promise.all([1, 2, 3, 4].map(() => desk.get(EventInbox).drain()));
    expect(drained.reduce((sum, count) => sum + count, 0)).toBe(500);
    expect(await desk.alerts()).toHaveLength(500);
    expect(await desk.rows('SELECT * FROM event_inbox')).toEqual([]);
  });
});
