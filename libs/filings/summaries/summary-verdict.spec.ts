import { DomainError } from '#errors';
import { SummaryCallError } from './filing-summarizer.js';
import { afterFailure, mayCost } from './summary-verdict.js';

const open = new DomainError('RESILIENCE_CIRCUIT_OPEN', 'open', { kind: 'unavailable' });
const timedOut = new DomainError('RESILIENCE_TIMED_OUT', 'late', { kind: 'unavailable' });

describe('after a failed attempt', () => {
  it('a failed summary is retried with growing delays of at most one hour', () => {
    const error = new SummaryCallError('server', 'the provider answered 500', false);
    expect([1, 2, 3, 20].map((attempt) => afterFailure(error, attempt, 25).retryInMs)).toEqual([
      30_000, 60_000, 120_000, 3_600_000,
    ]);
  });

  it('a retry waits as long as the provider asks, at most one hour', () => {
    const limited = (retryAfterMs: number) => new SummaryCallError('rate-limited', '429', false, { retryAfterMs });
    expect([90_000, 1_000, 1e9].map((ms) => afterFailure(limited(ms), 1, 5).retryInMs)).toEqual([
      90_000, 30_000, 3_600_000,
    ]);
  });

  it('a summary is given up after the maximum of attempts, and at once when the provider rejects the question', () => {
    expect(afterFailure(new SummaryCallError('server', 'x', false), 5, 5)).toMatchObject({ state: 'failed' });
    expect(afterFailure(new SummaryCallError('client', 'the provider answered 401', false), 1, 5)).toMatchObject({
      state: 'failed',
    });
  });

  it('an open circuit costs no attempt, because no call was made', () => {
    expect(afterFailure(open, 5, 5)).toMatchObject({ state: 'queued', uncounted: true });
  });

  it('the reason of an unknown error reveals nothing of its message', () => {
    expect(afterFailure(new Error('key sk-123 is wrong'), 1, 5).reason).toBe('an unexpected error; see the log');
  });
});

describe('what a failed call may cost', () => {
  it('a failed call may cost its reservation if it may have been answered, and nothing if it was refused or never made', () => {
    const kinds = [
      new SummaryCallError('server', 'broke', true),
      timedOut,
      new SummaryCallError('rate-limited', '429', false),
      open,
    ];
    expect(kinds.map(mayCost)).toEqual([true, true, false, false]);
  });
});
