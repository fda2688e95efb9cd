import { writtenDecimal } from './written-decimal.js';

describe('a number of a foreign file', () => {
  it.each([
    ['1,050', '1050'],
    ['1,23,456.50', '123456.50'],
    ['1 234.5', '1234.5'],
    ["1'234.5", '1234.5'],
    ['8.51e-06', '0.00000851'],
    ['4.2E-6', '0.0000042'],
    ['1.2e5', '120000'],
    ['+3', '3'],
    ['-1,050.25', '-1050.25'],
    ['95000.00000000', '95000.00000000'],
  ])('a number with a decimal point is read: %s', (text, is) => {
    expect(String(writtenDecimal(text))).toBe(is);
  });

  it.each([
    ['1.050,25', '1050.25'],
    ['1,050', '1.050'],
    ['1050', '1050'],
    ['-0,5', '-0.5'],
  ])('a number with a decimal comma is read: %s', (text, is) => {
    expect(String(writtenDecimal(text, ','))).toBe(is);
  });

  it.each([
    ['1,5', '.'],
    ['12,34.5', '.'],
    ['1.5', ','],
    ['', '.'],
    ['N/D', '.'],
    ['0x10', '.'],
    ['1e999', '.'],
    ['1,,000', '.'],
  ] as const)('a text that may be another number is refused: %s with %s', (text, mark) => {
    expect(writtenDecimal(text, mark)).toBeUndefined();
  });
});
