import { optionsFor, type PolicyOptions, readOverride } from './policy-options.js';

const DEFAULTS: PolicyOptions = {
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
    expect(of('gemini')).toEqual({ ...DEFAULTS, timeoutMs: 500, retries: 5 });
  });

  it.each([
    '',
    'edgar',
    'edgar.timeoutMs',
    'edgar.timeoutMs=',
    'edgar.timeoutMs=0',
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
