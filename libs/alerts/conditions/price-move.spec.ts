import { Decimal } from '#decimal';
import { hasMoved } from './price-move.js';

const d = (text: string) => Decimal.parse(text);

describe('a move of a price', () => {
  it('a move of a price is at least the percentage, to the last digit', () => {
    expect(hasMoved(d('100'), d('105'), d('5'), 'percent', 'up')).toBe(true);
    expect(hasMoved(d('100'), d('104.999999999999'), d('5'), 'percent', 'up')).toBe(false);
    // 0.3 - 0.2 is 0.09999999999999998 for a double: not 0.1, and not 50 %.
    expect(hasMoved(d('0.2'), d('0.3'), d('50'), 'percent', 'up')).toBe(true);
    expect(hasMoved(d('0.2'), d('0.3'), d('0.1'), 'absolute', 'either')).toBe(true);
  });

  it('a move of a price has a direction, and none without a change', () => {
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'up')).toBe(false);
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'down')).toBe(true);
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'either')).toBe(true);
    expect(hasMoved(d('100'), d('100'), d('0'), 'absolute', 'either')).toBe(false);
  });

  it('a move of a price has no percentage from 0, and one of the absolute price from below 0', () => {
    expect(hasMoved(d('0'), d('5'), d('1'), 'percent', 'up')).toBe(false);
    expect(hasMoved(d('0'), d('5'), d('5'), 'absolute', 'up')).toBe(true);
    expect(hasMoved(d('-37.63'), d('-18'), d('50'), 'percent', 'up')).toBe(true);
  });
});
