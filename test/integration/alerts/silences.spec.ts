import { randomUUID } from 'node:crypto';
import type { Principal } from '#auth';
import { EventLog } from '#events';
import { uuid7 } from '#ids';
import { silenceInputSchema } from '../../../libs/alerts/silences/alert-silence.dto.js';
import { AlertSilences } from '../../../libs/alerts/silences/alert-silences.service.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { AlertingDesk, SpecNews, SpecTrouble } from './alerting-desk.fixture.js';

const HOUR = 3_600_000;

describe('silences', () => {
  let desk: AlertingDesk;
  let clock: VirtualClock;
  let me: Principal;
  let lane: string;
  beforeAll(async () => {
    clock = new VirtualClock('2026-11-25T09:00:00Z');
    desk = await AlertingDesk.open(undefined, [], clock);
    me = await desk.user();
    lane = await desk.lane({ userId: me.userId });
  });
  beforeEach(async () => {
    for (const table of ['alert_delivery_queue', 'alerts', 'alert_dedupe_windows', 'alert_silences'])
      await desk.rows(`DELETE FROM ${table}`);
    await desk.rows('DELETE FROM alert_rules WHERE built_in IS NULL');
  });
  afterAll(() => desk.close());

  const silence = (who: Principal, given: object, forMs = HOUR) => {
    const until = new Date(clock.now().getTime() + forMs).toISOString();
    return desk.get(AlertSilences).create(who, silenceInputSchema.parse({ until, ...given }));
  };
  const news = (title: string, more: { ticker?: string; instrumentId?: string } = {}) => {
    clock.advance(1);
    const { instrumentId, ...payload } = more;
    const event = { type: SpecNews.type, id: uuid7(new Date()), payload: { title, ...payload } };
    return desk.get(EventLog).record({ ...event, ...(instrumentId && { instrumentId }) });
  };
  const raised = async () => {
    const sent = new Set((await desk.deliveries()).map((row) => row.alert_id));
    return (await desk.alerts()).map((row) => [row.title, row.silenced_by, sent.has(row.id)]);
  };

  it('a silenced alert is recorded with its silence and not sent, and the next one after the silence is sent', async () => {
    const { id: ruleId } = await desk.rule(me, { severity: 'critical', channels: [lane] });
    const { id } = await silence(me, { ruleId });
    await news('Silent');
    clock.advance(HOUR);
    await news('Loud');
    expect(await raised()).toEqual([
      ['Silent', id, false],
      ['Loud', null, true],
    ]);
  });

  it('a silence holds alerts of its owner that meet each of its fields, and no others', async () => {
    const other = await desk.user();
    const { id: ruleId } = await desk.rule(me, { channels: [lane] });
    const instrumentId = randomUUID();
    await silence(other, { ticker: 'ACME' });
    await silence(me, { ruleId, ticker: 'BRK.B' });
    const { id: ofInstrument } = await silence(me, { instrumentId });
    await news('Others silence', { ticker: 'ACME' });
    await news('Class B', { ticker: 'brk/b' });
    await news('Instrument', { instrumentId });
    await news('Plain');
    const found = await raised();
    expect(found.map(([title, by, sent]) => [title, by !== null, sent])).toEqual([
      ['Others silence', false, true],
      ['Class B', true, false],
      ['Instrument', true, false],
      ['Plain', false, true],
    ]);
    expect(found[2]![1]).toBe(ofInstrument);
  });

  it('a silence of the desk holds operator alerts of a built-in rule', async () => {
    const operator = await desk.user('operator');
    await desk.lane({ operator: true });
    const trouble = () => desk.get(EventLog).record({ type: SpecTrouble.type, payload: { title: randomUUID() } });
    const [rule] = await desk.rows(`SELECT id FROM alert_rules WHERE built_in = $1`, [SpecTrouble.type]);
    await silence(operator, { ruleId: rule.id });
    await trouble();
    const [held] = await desk.alerts();
    expect(held).toMatchObject({ user_id: null, silenced_by: expect.any(String) });
    expect(await desk.deliveries()).toEqual([]);
    await desk.rows('DELETE FROM alert_silences');
    await desk.rows('DELETE FROM alert_dedupe_windows');
    await trouble();
    expect(await desk.deliveries()).toHaveLength(1);
  });

  it('the dedupe window of a silenced alert ends with its silence, also when the silence is ended or shortened', async () => {
    const { id: ruleId } = await desk.rule(me, { channels: [lane], dedupe: { windowSeconds: 86_400 } });
    await silence(me, { ruleId });
    await news('Same');
    await news('Same');
    clock.advance(HOUR);
    await news('Same');
    expect((await desk.alerts()).map(({ count }) => count)).toEqual([2, 1]);
    clock.advance(24 * HOUR);
    const second = await silence(me, { ruleId });
    await news('Same');
    await desk.get(AlertSilences).remove(me, second.id);
    await news('Same');
    clock.advance(24 * HOUR);
    const third = await silence(me, { ruleId });
    await news('Same');
    const until = new Date(clock.now().getTime() + 60_000).toISOString();
    await desk.get(AlertSilences).change(me, third.id, { until });
    clock.advance(60_000);
    await news('Same');
    expect((await raised()).map(([, by, sent]) => [by !== null, sent])).toEqual([
      [true, false],
      [false, true],
      [true, false],
      [false, true],
      [true, false],
      [false, true],
    ]);
  });

  it('a user has at most 100 active silences, and ended ones do not count, of which the newest 100 are kept', async () => {
    const instrument = () => ({ instrumentId: randomUUID() });
    for (let n = 0; n < 100; n++) await silence(me, instrument());
    await expect(silence(me, instrument())).rejects.toMatchObject({ code: 'ALERTS_TOO_MANY_SILENCES' });
    expect(await desk.rows('SELECT FROM alert_silences')).toHaveLength(100);
    clock.advance(HOUR);
    await silence(me, instrument());
    const [ended] = await desk.rows('SELECT id FROM alert_silences ORDER BY until LIMIT 1');
    for (let n = 0; n < 99; n++) await silence(me, instrument());
    const until = new Date(clock.now().getTime() + HOUR).toISOString();
    await expect(desk.get(AlertSilences).change(me, ended.id, { until })).rejects.toMatchObject({
      code: 'ALERTS_TOO_MANY_SILENCES',
    });
    clock.advance(HOUR);
    const last = await silence(me, instrument());
    const kept = await desk.rows('SELECT until, id FROM alert_silences ORDER BY until');
    expect([kept.length, kept.at(-1).id]).toEqual([101, last.id]);
    expect(kept[0].until.getTime()).toBeGreaterThan(clock.now().getTime() - HOUR);
  });
});
