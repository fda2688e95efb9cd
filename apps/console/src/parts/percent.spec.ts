import { percentOf, percentText } from './percent.js';

describe('percentages', () => {
  it('an unknown share is a dash, and a known one is rounded', () => {
    expect([percentText(null), percentText(-0.25), percentText(0.999)]).toEqual(['–', '-25 %', '100 %']);
  });

  it('an upload is at 100 % only when every byte has left', () => {
    expect([percentOf(0, 10), percentOf(9_999, 10_000), percentOf(10, 10), percentOf(0, 0)]).toEqual([0, 99, 100, 0]);
  });
});
