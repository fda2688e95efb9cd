import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, SnapshotsService } from '#portfolios';
import { portfoliosConfig } from '#portfolios/config';
import type { Snapshot } from '../../../libs/portfolios/snapshots/snapshot.dto.js';
import { VENUE_NAMES, Venues } from '#venues';
import { DeskCalendarsService } from '../../../libs/portfolios/desk-calendars.service.js';
import { bucketsOf } from '../../../libs/portfolios/history/history-buckets.js';
import { RollCalendar, SessionDays, UTC_MIDNIGHT } from '../../../libs/portfolios/valuation/session-days.js';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { testModule } from '../../setup/test-module.js';
import { member, refusal, snapshot } from './desk.fixture.js';

describe('a history in steps of days', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let trader: Principal;

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], { internals: [portfoliosConfig.with({ historyPointsMax: 4 })] });
    trader = await member(module.get(Database), 'trader');
  });
  afterAll(() => module.close());

  const store = async (id: string, more: Partial<Snapshot>, cash: Record<string, string>) => {
    for (const [asOf, amount] of Object.entries(cash))
      await module.get(SnapshotsService).store(trader, [snapshot(id, 0, { ...more, asOf, cash: amount })]);
  };
  const days = async (id: string, from: string, to: string, step = '1d') => {
    const { points } = await module.get(PortfoliosService).history(trader, id, { from, to, step });
    return points.map(({ at, day, value }) => [day, at.slice(0, 16), value]);
  };
  const evening = {
    '2026-11-23T20:59:00Z': '22000',
    '2026-11-24T00:40:00Z': '19000',
    '2026-11-24T20:59:00Z': '19500',
  };
  const range = ['2026-11-23T00:00:00Z', '2026-11-25T04:00:00Z'] as const;

  it('closes a day when the session day of the portfolio ends, and at midnight in UTC without venue and roll', async () => {
    const newYork = [
      ['2026-11-23', '2026-11-23T05:00', '19000'],
      ['2026-11-24', '2026-11-24T05:00', '19500'],
    ];
    await store('roll', { dayRoll: { timeZone: 'America/New_York', at: '00:00' } }, evening);
    await store('venue', { venue: 'NYSE' }, evening);
    await store('utc', {}, evening);
    expect(await days('roll', ...range)).toEqual(newYork);
    expect(await days('venue', ...range)).toEqual(newYork);
    expect(await days('utc', ...range)).toEqual([
      ['2026-11-23', '2026-11-23T00:00', '22000'],
      ['2026-11-24', '2026-11-24T00:00', '19500'],
    ]);
    // A step of 24 hours is a step of hours.
    expect(await days('venue', ...range, '24h')).toEqual([
      [undefined, '2026-11-23T00:00', '22000'],
      [undefined, '2026-11-24T00:00', '19500'],
    ]);
  });

  it('gives a weekend to Friday, and a Sunday evening of Chicago to Monday', async () => {
    const cash = {
      '2026-11-20T21:30:00Z': '1',
      '2026-11-21T12:00:00Z': '2',
      '2026-11-22T23:30:00Z': '3',
      '2026-11-23T22:30:00Z': '4',
    };
    const weekend = ['2026-11-20T06:00:00Z', '2026-11-23T22:45:00Z'] as const;
    await store('shares', { venue: 'NYSE' }, cash);
    await store('futures', { venue: 'CME_EQUITY' }, cash);
    expect(await days('shares', ...weekend)).toEqual([
      ['2026-11-20', '2026-11-20T05:00', '3'],
      ['2026-11-23', '2026-11-23T05:00', '4'],
    ]);
    expect(await days('futures', ...weekend)).toEqual([
      ['2026-11-20', '2026-11-19T23:00', '2'],
      ['2026-11-23', '2026-11-22T23:00', '4'],
    ]);
    expect(await days('shares', ...weekend, '30d')).toEqual([['2026-11-03', '2026-11-03T05:00', '4']]);
  });

  it('is refused if its session days are more than the maximum of points, although its days in UTC are not', async () => {
    const noon = { dayRoll: { timeZone: 'UTC', at: '12:00' } };
    await store('noon', noon, { '2026-11-20T00:00:00Z': '1', '2026-11-23T13:00:00Z': '2' });
    const from = '2026-11-20T00:00:00Z';
    expect(await days('noon', from, '2026-11-23T11:00:00Z')).toHaveLength(1);
    expect(await refusal(days('noon', from, '2026-11-23T13:00:00Z'))).toBe('REQUEST_INVALID step');
    expect(await days('noon', from, '2026-11-23T13:00:00Z', '7d')).toHaveLength(1);
  });

  it('asks the calendar of 14 years for each day at most three times, and in steps of weeks for fewer', async () => {
    const [from, to] = [Date.parse('2012-11-20T00:00:00Z'), Date.parse('2026-11-20T00:00:00Z')];
    for (const calendar of [module.get(Venues).calendar('NYSE'), new RollCalendar(UTC_MIDNIGHT, null)]) {
      let asked = 0;
      const counting = {
        sessionDay: (at: number) => calendar.sessionDay(at),
        previousDay: (day: string) => calendar.previousDay(day),
        openMsBetween: () => 0,
        day: (day: string) => ((asked += 1), calendar.day(day)),
      };
      await bucketsOf(from, to, '1d', new SessionDays(counting));
      expect(asked).toBeLessThan(3.1 * 14 * 365.25);
      asked = 0;
      const months = await bucketsOf(from, to, '30d', new SessionDays(counting));
      expect(asked).toBeLessThan(12 * months.length);
    }
  });

  it('has one bucket per session day of each venue, without gaps, and whole days in longer ones', async () => {
    const [from, to] = [Date.parse('2025-11-01T00:00:00Z'), Date.parse('2026-12-20T00:00:00Z')];
    for (const venue of [...VENUE_NAMES, null]) {
      const calendar = module.get(DeskCalendarsService).daysOf(venue, null);
      const spans = [calendar.at(from)];
      while (spans.at(-1)!.ends <= to) spans.push(calendar.at(spans.at(-1)!.ends));
      const single = await bucketsOf(from, to, '1d', calendar);
      expect(single).toEqual(spans.map(({ begins, ends, day }) => ({ begins, ends, day })));
      const begins = new Set(spans.map((span) => span.begins));
      const weeks = await bucketsOf(from, to, '7d', calendar);
      expect(weeks.slice(1).filter((week) => !begins.has(week.begins))).toEqual([]);
      expect(weeks.slice(1).map((week) => week.begins)).toEqual(weeks.slice(0, -1).map((week) => week.ends));
    }
  });
});
