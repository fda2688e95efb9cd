import { costMicros, dollarsOf, microsOf, mostMicros, priceOf, readPrice } from './summary-price.js';

describe('what a summary costs', () => {
  it('is exact: Flash-Lite takes a tenth of a millionth for a token in, and four tenths for one out', () => {
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 15_000, 200)).toBe(1_580n);
    expect(costMicros(priceOf('gemini-2.0-flash-lite')!, 1_000_000, 1_000_000)).toBe(375_000n);
  });

  it('counts a begun millionth whole', () => {
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 1, 0)).toBe(1n);
    expect(costMicros(priceOf('gemini-2.5-flash-lite')!, 0, 0)).toBe(0n);
  });

  it('knows a model by its other names, and does not guess at one it does not know', () => {
    expect(priceOf('models/gemini-2.5-flash-lite-preview')).toEqual(priceOf('gemini-2.5-flash-lite'));
    expect(['llama-3.3-70b', 'gemini-2.5-flash-lite-2', 'constructor', 'toString'].map(priceOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('sets more aside than any text of so many bytes can cost', () => {
    expect(mostMicros(readPrice('1/10'), 'x'.repeat(2_000), 500)).toBe(1_064n + 5_000n);
    expect(mostMicros(readPrice('1/0'), '\u6f22'.repeat(1000), 0)).toBe(1_564n);
  });

  it('writes dollars as it reads them', () => {
    expect(['0', '0.000001', '12.34', '1000000'].map((dollars) => dollarsOf(microsOf(dollars)))).toEqual([
      '0.000000',
      '0.000001',
      '12.340000',
      '1000000.000000',
    ]);
    expect(dollarsOf('-5')).toBe('-0.000005');
  });

  it('refuses a price that is none', () => {
    expect(() => readPrice('cheap')).toThrow(RangeError);
  });
});
