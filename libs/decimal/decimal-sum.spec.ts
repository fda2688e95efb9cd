import { Decimal } from './decimal.js';
import { DecimalSum } from './decimal-sum.js';

const sum = (...decimals: string[]) => {
  const total = new DecimalSum();
  for (const decimal of decimals) total.add(Decimal.parse(decimal));
  return total.total().toString();
};

describe('a sum of decimals', () => {
  it('a sum of decimals is exact where a double is not', () => {
    expect(sum('0.1', '0.2')).toBe('0.3');
    expect(sum('99999999999999999999999999.999999999999', '0.000000000001')).toBe(
      '100000000000000000000000000.000000000000',
    );
  });

  it('a sum of decimals keeps the decimals of the longest, as sum(numeric) does', () => {
    expect(sum('1000.00', '5')).toBe('1005.00');
    expect(sum('1', '2')).toBe('3');
    expect(sum()).toBe('0');
  });

  it('a sum of decimals adds negative amounts, also between -1 and 0', () => {
    expect(sum('-0.5', '0.25')).toBe('-0.25');
    expect(sum('-1.50', '1.50')).toBe('0.00');
    expect(sum('-0.01')).toBe('-0.01');
  });

  it('a sum of decimals is the same in any order', () => {
    const amounts = ['1.5', '-2.25', '3', '0.125'];
    expect(sum(...amounts)).toBe(sum(...amounts.toReversed()));
  });

  it('a sum of texts is that of their decimals, and takes away what is subtracted', () => {
    const texts = [
      '1.50',
      '-0.5',
      '99999999999999999999999999.999999999999',
      '9007199254740991',
      '0',
      '1e3',
      '12.000001',
    ];
    const total = new DecimalSum();
    for (const text of texts) total.addText(text);
    expect(total.total()).toEqual(texts.map((text) => Decimal.parse(text)).reduce((one, other) => one.plus(other)));
    for (const text of texts) total.addText(text, -1);
    expect(total.total().sign).toBe(0);
    expect(() => total.addText('1,000')).toThrow('"1,000" is not a decimal number.');
  });
});
