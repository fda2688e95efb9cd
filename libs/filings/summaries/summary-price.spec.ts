import { costMicros, dollarsOf, microsOf, mostMicros, priceOf, readPrice } from './summary-price.js';

describe('what a summary costs', () => {
  it('a cost is exact: Flash-Lite costs 0.1 millionths of a dollar per input token and 0.4 per output token', () => {
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 15_000, 200)).toBe(1_580n);
    expect(costMicros(priceOf('gemini-2.0-flash-lite')!, 1_000_000, 1_000_000)).toBe(375_000n);
  });

  it('a cost is rounded up to the next millionth', () => {
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 1, 0)).toBe(1n);
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 0, 0)).toBe(0n);
  });

  it('priceOf finds a model by its aliases and returns nothing for an unknown model', () => {
    expect(priceOf('models/gemini-2.5-flash-lite-preview')).toEqual(priceOf('gemini-2.5-flash-lite'));
    expect(['llama-3.3-70b', 'gemini-2.5-flash-lite-2', 'constructor', 'toString'].map(priceOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('the reservation exceeds the cost of any text of the same size', () => {
    expect(mostMicros(readPrice('1/10'), 'x'.repeat(2_000), 500)).toBe(1_064n + 5_000n);
    expect(mostMicros(readPrice('1/0'), '\u6f22'.repeat(1000), 0)).toBe(1_564n);
  });

  it('dollars are formatted as they are parsed', () => {
    expect(['0', '0.000001', '12.34', '1000000'].map((dollars) => dollarsOf(microsOf(dollars)))).toEqual([
      '0.000000',
      '0.000001',
      '12.340000',
      '1000000.000000',
    ]);
    expect(dollarsOf('-5')).toBe('-0.000005');
  });

  it('a malformed price is refused', () => {
    expect(() => readPrice('cheap')).toThrow(RangeError);
  });
});
