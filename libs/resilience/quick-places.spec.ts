import { jest } from '@jest/globals';
import { QuickPlaces } from './quick-places.js';

const SLOW_AFTER_MS = 250;

describe('the places of quick calls', () => {
  let freed: number;
  let places: QuickPlaces;

  beforeEach(() => {
    jest.useFakeTimers();
    freed = 0;
    places = new QuickPlaces({ places: 2, slowAfterMs: SLOW_AFTER_MS, slowMax: 2, freed: () => (freed += 1) });
  });
  afterEach(() => void jest.useRealTimers());

  it('a call has a place until it ends, or until it has become slow, and both are told', () => {
    const end = places.begin('a', false);
    places.begin('a', false);
    expect([places.room, places.slowRoom, freed]).toEqual([0, 2, 0]);
    end();
    expect([places.room, places.slowRoom, freed]).toEqual([1, 2, 1]);
    jest.advanceTimersByTime(SLOW_AFTER_MS);
    expect([places.room, places.slowRoom, freed]).toEqual([2, 1, 2]);
  });

  it('a doubtful call is slow from the start', () => {
    const end = places.begin('a', true);
    expect([places.room, places.slowRoom, places.total]).toEqual([2, 1, 1]);
    end();
    expect([places.room, places.slowRoom, places.total]).toEqual([2, 2, 0]);
  });

  it('receivers are crowded while there are as many slow calls as may be, also if more become slow', () => {
    const ends = ['a', 'a'].map((receiver) => places.begin(receiver, true));
    expect(places.crowded).toEqual(['a']);
    ends.push(places.begin('b', false));
    jest.advanceTimersByTime(SLOW_AFTER_MS);
    expect([places.crowded, places.slowRoom, places.total]).toEqual([['a', 'b'], 0, 3]);
    ends[0]!();
    expect(places.crowded).toEqual(['a', 'b']);
    ends[2]!();
    expect([places.crowded, places.slowRoom]).toEqual([[], 1]);
  });

  it('the end of all calls can be awaited, for a limited time', async () => {
    await places.finished(1_000);
    const end = places.begin('a', false);
    const late = places.finished(1_000);
    await jest.advanceTimersByTimeAsync(1_000);
    await late;
    expect(places.total).toBe(1);
    const finished = places.finished(1_000_000);
    end();
    await finished;
    expect(places.total).toBe(0);
  });
});
