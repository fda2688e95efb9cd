import { bucketsIn, finestStep, stepMs } from './history-step.js';

const at = (text: string): number => Date.parse(text);

describe('the step of a history', () => {
  it.each([
    ['30s', 30_000],
    ['1m', 60_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
  ])('of %s is %d ms long', (step, ms) => expect(stepMs(step)).toBe(ms));
  it.each(['0m', '1w', '1000s', '', '-1m', '1.5h'])('cannot be %j', (step) =>
    expect(() => stepMs(step)).toThrow(RangeError),
  );

  it('counts each bucket that the range touches', () => {
    expect(bucketsIn(at('2026-08-17T09:59:59Z'), at('2026-08-17T10:00:00Z'), '1h')).toBe(2);
    expect(bucketsIn(at('2026-08-17T10:00:00Z'), at('2026-08-17T10:59:59Z'), '1h')).toBe(1);
  });

  it('defaults to the finest step that fits the number of points', () => {
    const [from, to] = [at('2026-08-16T10:00:00Z'), at('2026-08-17T10:00:00Z')];
    expect(finestStep(from, to, 1500)).toBe('1m');
    expect(finestStep(from, to, 100)).toBe('15m');
    expect(finestStep(0, at('2026-08-17T10:00:00Z'), 10)).toBe('999d');
  });
});
