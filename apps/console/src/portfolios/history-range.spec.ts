import { historyQueryOf, linesOf, rangeNamed } from './history-range.js';

describe('the range of a history chart', () => {
  it('a range ends at the coming minute, so that equal questions share an answer', () => {
    const now = Date.parse('2026-11-26T10:00:12.345Z');
    expect(historyQueryOf('1d', now)).toEqual({
      from: '2026-11-25T10:01:00.000Z',
      to: '2026-11-26T10:01:00.000Z',
      step: '1m',
    });
    expect(historyQueryOf('1d', now + 40_000)).toEqual(historyQueryOf('1d', now));
  });

  it('a range that the address misspells is the shortest one', () => {
    expect(['1y', '9z', 'constructor', ''].map(rangeNamed)).toEqual(['1y', '1d', '1d', '1d']);
  });

  it('an unknown amount is a gap in the line', () => {
    const points = [
      { at: '2026-11-26T10:00:00Z', value: '10.5', dayPnl: null },
      { at: '2026-11-26T10:05:00Z', value: null, dayPnl: '-2' },
    ];
    expect(linesOf(points)).toEqual([
      [1_795_687_200, 1_795_687_500],
      [10.5, null],
      [null, -2],
    ]);
  });
});
