import { FakeFeed } from './fake-feed.fixture.js';
import { findStaleValue, rules } from './feed-marks-model.fixture.js';
import { FeedMarks } from './feed-marks.js';

const value = (xmin: number, position = xmin) => ({ xmin, position });

describe('the marks of the change feed', () => {
  it('a value is admitted if it includes the last change of its key and of its tags that was heard', () => {
    const marks = new FeedMarks(new FakeFeed().read(100));
    marks.heard(['key', 'tag'], { xid: 120, position: 120 });
    expect(marks.admits(value(121), ['key'])).toBe(true);
    expect(marks.admits(value(120), ['key'])).toBe(false);
    expect(marks.admits(value(120), ['another', 'tag'])).toBe(false);
    expect(marks.admits(value(110), ['another'])).toBe(true);
  });

  it('a value from before a crash of PostgreSQL is refused, although its transaction ids were used again', () => {
    const marks = new FeedMarks(new FakeFeed().read(100, { position: 40 }));
    marks.heard(['key'], { xid: 105, position: 50 });
    expect(marks.admits(value(120, 49), ['key'])).toBe(false);
    expect(marks.admits(value(120, 50), ['key'])).toBe(true);
  });

  it('a process that has just started refuses values that do not include everything its first reading saw', () => {
    const marks = new FeedMarks(new FakeFeed().read(90, { xmax: 100 }));
    expect(marks.admits(value(99, 100), ['key'])).toBe(false);
    expect(marks.admits(value(100), ['key'])).toBe(true);
  });

  it('a process refuses all values until its first reading', () => {
    const feed = new FakeFeed();
    const marks = new FeedMarks(feed);
    expect(marks.admits(value(1e9), ['key'])).toBe(false);
    feed.read(100);
    expect(marks.admits(value(99), ['key'])).toBe(false);
    expect(marks.admits(value(100), ['key'])).toBe(true);
  });

  it.each([['key'], [null]])(
    'after a change of this process (%p), values count again when a reading that began later is included',
    (name) => {
      const feed = new FakeFeed().read(100);
      const marks = new FeedMarks(feed);
      feed.readingsBegun += 1;
      marks.changedHere(name);
      const began = feed.readingsBegun--;
      feed.read(150);
      expect(feed.lastReading!.number).toBe(began);
      expect(marks.admits(value(200), ['key'])).toBe(false);
      feed.read(160);
      expect(marks.admits(value(159), ['key'])).toBe(false);
      expect(marks.admits(value(160), ['key'])).toBe(true);
      feed.read(500);
      expect(marks.admits(value(160), ['key'])).toBe(true);
    },
  );

  it('marks are bounded: those of forgotten names hold for all', () => {
    const marks = new FeedMarks(new FakeFeed().read(100), 2);
    marks.heard(['a'], { xid: 110, position: 110 });
    marks.heard(['b'], { xid: 120, position: 120 });
    expect(marks.admits(value(105), ['c'])).toBe(true);
    marks.heard(['c'], { xid: 130, position: 130 });
    expect(marks.admits(value(105), ['d'])).toBe(false);
    expect(marks.admits(value(111), ['d'])).toBe(true);
    expect(marks.admits(value(111), ['b'])).toBe(false);
  });
});

describe('processes that share values over random runs of transactions, readings, slow loads, crashes and starts', () => {
  it('never take a value that lacks a change they have heard of', () => {
    const found = Array.from({ length: 60 }, (_, seed) => findStaleValue(seed, rules.ours));
    expect(found.filter((stale) => stale.at !== undefined)).toEqual([]);
    // The rule does not refuse everything.
    expect(found.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(1_000);
  });

  it.each(['everything', 'xmax', 'noPosition', 'noFloor'] as const)(
    'would take one by another rule: %s (negative control)',
    (rule) => {
      const found = Array.from({ length: 60 }, (_, seed) => findStaleValue(seed, rules[rule]));
      expect(found.some((stale) => stale.at !== undefined)).toBe(true);
    },
  );
});
