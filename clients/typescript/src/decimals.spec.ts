import { addDecimals, compareDecimals, formatDecimal } from './decimals.js';

describe('decimal strings', () => {
  it.each([
    ['1234567.8', undefined, 'thousands', '1,234,567.8'],
    ['1234567.80', undefined, 'lakh', '12,34,567.80'],
    ['123456789012345678.123456', undefined, 'thousands', '123,456,789,012,345,678.123456'],
    ['9007199254740993', 2, 'lakh', '9,00,71,99,25,47,40,993.00'],
    ['-1234.565', 2, 'thousands', '-1,234.57'],
    ['1.005', 2, 'thousands', '1.01'],
    ['-0.001', 2, 'thousands', '0.00'],
    ['0', undefined, 'thousands', '0'],
    ['not a number', 2, 'thousands', 'not a number'],
  ] as const)('formatDecimal shows %s with %s digits in %s as %s', (text, digits, grouping, shown) => {
    expect(formatDecimal(text, { ...(digits === undefined ? {} : { digits }), grouping })).toBe(shown);
  });

  it('formatDecimal shortens large amounts in millions, or in lakh and crore', () => {
    expect(formatDecimal('12500000.00', { compact: true })).toBe('13M');
    expect(formatDecimal('12500000', { compact: true, grouping: 'lakh', digits: 2 })).toBe('1.25Cr');
    expect(formatDecimal('250000', { compact: true, grouping: 'lakh', digits: 1 })).toBe('2.5L');
  });

  it('compareDecimals orders by value where floats are equal', () => {
    expect(Number('9007199254740993.01') === Number('9007199254740993.02')).toBe(true);
    expect(compareDecimals('9007199254740993.01', '9007199254740993.02')).toBe(-1);
    expect(['10', '9.99', '-10', '-9', '9.990'].sort(compareDecimals)).toEqual(['-10', '-9', '9.99', '9.990', '10']);
    expect(compareDecimals('1', '1.000')).toBe(0);
    expect(compareDecimals('-0', '0.0')).toBe(0);
  });

  it('addDecimals adds exactly and keeps the decimals', () => {
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('9007199254740993', '0.000001')).toBe('9007199254740993.000001');
    expect(addDecimals('1.50', '-2')).toBe('-0.50');
    expect(addDecimals('-0.05', '0.04')).toBe('-0.01');
    expect(addDecimals()).toBe('0');
  });

  it('text that is no decimal is refused by arithmetic', () => {
    expect(() => addDecimals('1e5')).toThrow('"1e5" is not a decimal such as -1234.50.');
    expect(() => compareDecimals('', '1')).toThrow(RangeError);
  });
});
