import { optionsFor, type PolicyDefaults, readOverride } from './policy-options.js';

const DEFAULTS: PolicyDefaults = {
  timeoutMs: 10_000,
  retries: 2,
  retryBaseMs: 200,
  retryMaxMs: 5_000,
  failureRatio: 0.7,
  minimumCalls: 10,
  windowMs: 300_000,
  halfOpenAfterMs: 30_000,
  concurrency: 50,
  queue: 200,
};

describe('the options of a policy', () => {
  it('the options of a policy are the defaults, overridden by the code, then by the environment, where the exact name wins', () => {
    const overrides = ['feed:a.example.retries=7', '*.retries=5', 'feed:*.retries=6', 'other.timeoutMs=1'].map((text) =>
      readOverride(text)!,
    );
    const of = (name: string) => optionsFor(name, DEFAULTS, { retries: 3, timeoutMs: 500 }, overrides);
    expect([of('feed:a.example').retries, of('feed:b.example').retries, of('gemini').retries]).toEqual([7, 6, 5]);
    expect(of('gemini')).toEqual({
      ...{ ...DEFAULTS, timeoutMs: 500, minTimeoutMs: 100, maxTimeoutMs: 500, retries: 5 },
    });
  });

  it.each([
    ['its timeout alone', { timeoutMs: 50 }, [], [10, 50, 50]],
    ['a fixed timeout', { timeoutMs: 15_000, minTimeoutMs: 15_000 }, [], [15_000, 15_000, 15_000]],
    ['a higher maximum', { timeoutMs: 1_000, maxTimeoutMs: 8_000 }, [], [200, 1_000, 8_000]],
    ['an overridden timeout', { timeoutMs: 1_000 }, ['x.timeoutMs=400'], [80, 400, 400]],
    ['an overridden minimum', { timeoutMs: 50 }, ['x.minTimeoutMs=50'], [50, 50, 50]],
    ['a maximum below the rest', { timeoutMs: 50, minTimeoutMs: 20 }, ['x.maxTimeoutMs=5'], [5, 5, 5]],
  ])('the limits of a timeout follow from %s', (_what, asked, overrides, limits) => {
    const { minTimeoutMs, timeoutMs, maxTimeoutMs } = optionsFor(
      ...(['x', DEFAULTS, asked, overrides.map((text) => readOverride(text)!)] as const),
    );
    expect([minTimeoutMs, timeoutMs, maxTimeoutMs]).toEqual(limits);
  });

  it.each([
    '',
    'edgar',
    'edgar.timeoutMs',
    'edgar.timeoutMs=',
    'edgar.timeoutMs=0',
    'edgar.minTimeoutMs=0',
    'edgar.timeoutMs=-1',
    'edgar.timeoutMs=1.5',
    'edgar.nonsense=1',
    'edgar.failureRatio=1.1',
    'ed gar.retries=1',
    'edgar.__proto__=1',
  ])('the options of a policy are not read from %j', (text) => {
    expect(readOverride(text)).toBeUndefined();
  });
});
