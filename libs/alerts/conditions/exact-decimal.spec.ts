import { compareDecimals, exactDecimal, hasMoved } from './exact-decimal.js';

const d = (text: string) => exactDecimal(text)!;

describe('an exact decimal', () => {
  it.each([
    ['0.1', '0.10', 0],
    ['0.30000000000000004', '0.3', 1],
    ['9007199254740993', '9007199254740992', 1],
    ['-0.5', '-0.49', -1],
    ['1e3', '1000', 0],
    ['1.5e-3', '0.0015', 0],
    ['99999999999999999999999999.999999999999', '99999999999999999999999999.999999999998', 1],
  ])('%s against %s is %i, where a double may not know', (a, b, order) => {
    expect(compareDecimals(d(a), d(b))).toBe(order);
    expect(compareDecimals(d(b), d(a))).toBe(-order || 0);
  });

  it('is read from decimal strings and JSON numbers, and from nothing else', () => {
    expect(exactDecimal(12.5)).toEqual({ digits: 125n, scale: 1 });
    for (const no of ['', ' 1', '1,000', '0x10', 'NaN', 'Infinity', '1.', '.5', '1e999', true, null, {}, NaN])
      expect(exactDecimal(no)).toBeUndefined();
  });
});

describe('a move of a price', () => {
  it('is at least the percentage, to the last digit', () => {
    expect(hasMoved(d('100'), d('105'), d('5'), 'percent', 'up')).toBe(true);
    expect(hasMoved(d('100'), d('104.999999999999'), d('5'), 'percent', 'up')).toBe(false);
    // 0.3 - 0.2 is 0.09999999999999998 for a double: not 0.1, and not 50 %.
    expect(hasMoved(d('0.2'), d('0.3'), d('50'), 'percent', 'up')).toBe(true);
    expect(hasMoved(d('0.2'), d('0.3'), d('0.1'), 'absolute', 'either')).toBe(true);
  });

  it('has a direction, and none without a change', () => {
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'up')).toBe(false);
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'down')).toBe(true);
    expect(hasMoved(d('100'), d('90'), d('5'), 'percent', 'either')).toBe(true);
    expect(hasMoved(d('100'), d('100'), d('0'), 'absolute', 'either')).toBe(false);
  });

  it('from nothing has no percentage; from below zero it is of the size', () => {
    expect(hasMoved(d('0'), d('5'), d('1'), 'percent', 'up')).toBe(false);
    expect(hasMoved(d('0'), d('5'), d('5'), 'absolute', 'up')).toBe(true);
    expect(hasMoved(d('-37.63'), d('-18'), d('50'), 'percent', 'up')).toBe(true);
  });
});
