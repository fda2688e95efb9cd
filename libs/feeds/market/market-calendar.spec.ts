import { isOpen, openMsBetween, type VenueName } from './market-calendar.js';

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

describe('the hours of a venue', () => {
  it.each<[VenueName, string, boolean, string]>([
    ['NYSE', '2026-11-04T14:29:59Z', false, 'a second before the opening, in winter'],
    ['NYSE', '2026-11-04T14:30:00Z', true, 'at the opening'],
    ['NYSE', '2026-11-04T20:59:59Z', true, 'a second before the close'],
    ['NYSE', '2026-11-04T21:00:00Z', false, 'at the close'],
    ['NASDAQ', '2026-07-01T13:30:00Z', true, 'at the opening, in summer'],
    ['NASDAQ', '2026-07-01T13:29:59Z', false, 'a second before'],
    ['NYSE', '2026-11-07T16:00:00Z', false, 'on a Saturday'],
    ['NYSE', '2026-11-26T16:00:00Z', false, 'on Thanksgiving'],
    ['NYSE', '2026-11-27T17:59:59Z', true, 'the day after, until one'],
    ['NYSE', '2026-11-27T18:00:00Z', false, 'and no longer'],
    ['NYSE', '2025-01-09T16:00:00Z', false, 'on a day of mourning'],
    ['NYSE', '2026-07-03T16:00:00Z', false, 'on Friday for a Saturday of July 4'],
    ['NSE', '2026-08-17T03:45:00Z', true, 'at 9:15 in India'],
    ['NSE', '2026-08-17T10:00:00Z', false, 'at 15:30 in India'],
    ['NSE', '2026-01-26T06:00:00Z', false, 'on Republic Day'],
    ['EDGAR', '2025-12-12T23:02:34Z', true, 'on a Friday evening'],
    ['EDGAR', '2025-12-13T03:00:00Z', false, 'at ten'],
  ])('%s at %s: %s, %s', (venue, moment, open) => {
    expect(isOpen(venue, at(moment))).toBe(open);
  });

  it('of none are all', () => {
    expect(isOpen(null, at('2026-12-25T03:00:00Z'))).toBe(true);
    expect(openMsBetween(null, 1_000, 5_000)).toBe(4_000);
  });

  it('follow the clocks: the Monday after the change opens an hour later in UTC', () => {
    expect([
      isOpen('NYSE', at('2026-10-30T13:30:00Z')),
      isOpen('NYSE', at('2026-11-02T13:30:00Z')),
      isOpen('NYSE', at('2026-11-02T14:30:00Z')),
    ]).toEqual([true, false, true]);
  });
});

describe('market time between two moments', () => {
  it.each([
    ['2026-11-04T15:00:00Z', '2026-11-04T16:30:00Z', 1.5, 'within a session'],
    ['2026-11-04T20:00:00Z', '2026-11-05T15:30:00Z', 2, 'over a night: the last hour and the first'],
    ['2026-11-06T20:30:00Z', '2026-11-09T15:00:00Z', 1, 'over a weekend'],
    ['2026-11-25T21:00:00Z', '2026-11-30T14:30:00Z', 3.5, 'over Thanksgiving: half a Friday'],
    ['2026-11-07T10:00:00Z', '2026-11-08T10:00:00Z', 0, 'on a weekend'],
    ['2026-11-04T16:00:00Z', '2026-11-04T15:00:00Z', 0, 'backwards'],
  ])('from %s to %s is %s hours, %s', (from, to, hours) => {
    expect(openMsBetween('NYSE', at(from), at(to))).toBe(hours * HOUR);
  });

  it('ends thirty days ago: longer silence is no staler, and costs no more', () => {
    expect(openMsBetween('NYSE', 0, at('2026-11-04T16:00:00Z'))).toBe(
      openMsBetween('NYSE', at('2026-10-05T16:00:00Z'), at('2026-11-04T16:00:00Z')),
    );
  });
});
