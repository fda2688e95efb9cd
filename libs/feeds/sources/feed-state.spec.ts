import { VenueCalendar } from '#venues';
import { conditionsOf, type FeedHistory, stateNews, stateOf } from './feed-state.js';

const LIMITS = { emptyCycles: 5, failures: 3, staleCadences: 3 };
// Wednesday 2026-11-04, New York open.
const NOW = Date.parse('2026-11-04T16:00:00Z');
const CLOSED = Date.parse('2026-11-04T23:00:00Z');
const MINUTE = 60_000;
const HOURS = new VenueCalendar({
  title: 'Shares in New York',
  timeZone: 'America/New_York',
  weekdays: [1, 2, 3, 4, 5],
  sessions: [['09:30', '16:00']],
  dayBegins: '00:00',
  days: {},
  from: '2026-01-01',
  to: '2026-12-31',
  source: 'this test',
  asOf: '2026-11-04',
});

const history = (changes: Partial<FeedHistory> = {}): FeedHistory => ({
  hours: HOURS,
  cadenceMs: MINUTE,
  expectedEveryMs: null,
  emptyLimit: null,
  createdAt: NOW - 3_600_000,
  lastSuccessAt: NOW - MINUTE,
  lastItemAt: NOW - MINUTE,
  consecutiveEmpty: 0,
  consecutiveFailures: 0,
  unfinished: 0,
  gone: false,
  ...changes,
});

describe('the state of a feed', () => {
  it.each([
    ['live', 'it speaks', {}, NOW],
    ['quiet', 'it has never spoken', { lastItemAt: null }, NOW],
    ['quiet', 'its venue is closed', { lastSuccessAt: NOW }, CLOSED],
    ['quiet', 'it brought nothing for five cycles', { consecutiveEmpty: 5 }, NOW],
    ['live', 'it brought nothing for four', { consecutiveEmpty: 4 }, NOW],
    ['live', 'its own limit is higher', { consecutiveEmpty: 7, emptyLimit: 10 }, NOW],
    ['live', 'it may be empty for ever', { consecutiveEmpty: 700, emptyLimit: 0 }, NOW],
    ['stale', 'no cycle was good for more than three cadences', { lastSuccessAt: NOW - 181_000 }, NOW],
    ['live', 'the last good one is just in time', { lastSuccessAt: NOW - 180_000 }, NOW],
    [
      'stale',
      'it is connected and mute for longer than expected',
      { expectedEveryMs: 600_000, lastItemAt: NOW - 601_000 },
      NOW,
    ],
    ['stale', 'no cycle was ever good', { lastSuccessAt: null, lastItemAt: null }, NOW],
    ['failing', 'it failed three times', { consecutiveFailures: 3 }, NOW],
    ['live', 'it failed twice', { consecutiveFailures: 2 }, NOW],
    [
      'failing',
      'it was never read and failed once',
      { lastSuccessAt: null, lastItemAt: null, consecutiveFailures: 1 },
      NOW,
    ],
    ['failing', 'its server said that it is gone', { gone: true, consecutiveFailures: 1 }, CLOSED],
    ['failing', 'three cycles never ended', { unfinished: 3 }, NOW],
    ['failing', 'it fails at night', { consecutiveFailures: 3 }, CLOSED],
  ] as const)('is %s when %s', (state, _why, changes, now) => {
    expect(stateOf(history(changes), now, LIMITS)).toBe(state);
  });

  it('a fast feed is not stale after a short delay on a slow machine', () => {
    expect(stateOf(history({ cadenceMs: 1_000, lastSuccessAt: NOW - 29_000 }), NOW, LIMITS)).toBe('live');
    expect(stateOf(history({ cadenceMs: 1_000, lastSuccessAt: NOW - 31_000 }), NOW, LIMITS)).toBe('stale');
  });

  it('depends on its arguments only, not on a clock', () => {
    const asked = history({ lastSuccessAt: NOW - 170_000 });
    expect(stateOf(asked, NOW, LIMITS)).toBe('live');
    expect(stateOf(asked, NOW + 20_000, LIMITS)).toBe('stale');
    expect(stateOf(asked, NOW, LIMITS)).toBe('live');
  });
});

describe('the notification of operators', () => {
  it('contains each condition once, and one recovery when none is left', () => {
    const empty = history({ consecutiveEmpty: 5 });
    expect(stateNews(empty, [], NOW, LIMITS)).toEqual({
      state: 'quiet',
      raised: ['empty'],
      began: ['empty'],
      recovered: [],
    });
    expect(stateNews(empty, ['empty'], NOW, LIMITS)).toMatchObject({ raised: ['empty'], began: [], recovered: [] });
    const both = history({ consecutiveEmpty: 5, consecutiveFailures: 3 });
    expect(stateNews(both, ['empty'], NOW, LIMITS)).toMatchObject({ raised: ['empty', 'failing'], began: ['failing'] });
    // Readable again but still empty, so it has not recovered.
    expect(stateNews(empty, ['empty', 'failing'], NOW, LIMITS)).toMatchObject({
      raised: ['empty', 'failing'],
      began: [],
      recovered: [],
    });
    expect(stateNews(history(), ['empty', 'failing'], NOW, LIMITS)).toMatchObject({
      state: 'live',
      raised: [],
      recovered: ['empty', 'failing'],
    });
  });

  it('the state of a feed does not change overnight: no feed becomes stale, and a stale one stays stale', () => {
    const close = Date.parse('2026-11-04T21:00:00Z');
    expect(conditionsOf(history({ lastSuccessAt: close - MINUTE }), CLOSED, LIMITS)).toEqual([]);
    expect(conditionsOf(history({ lastSuccessAt: close - 10 * MINUTE }), CLOSED, LIMITS)).toEqual(['stale']);
  });
});
