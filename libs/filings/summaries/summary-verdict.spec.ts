import { DomainError } from '#errors';
import { SummaryCallError } from './filing-summarizer.js';
import { afterFailure, mayCost } from './summary-verdict.js';

const open = new DomainError('RESILIENCE_CIRCUIT_OPEN', 'open', { kind: 'unavailable' });
const timedOut = new DomainError('RESILIENCE_TIMED_OUT', 'late', { kind: 'unavailable' });

describe('after a failed attempt', () => {
  it('tries again, each time later, an hour at most', () => {
    const error = new SummaryCallError('server', 'the provider answered 500', false);
    expect([1, 2, 3, 20].map((attempt) => afterFailure(error, attempt, 25).retryInMs)).toEqual([
      30_000, 60_000, 120_000, 3_600_000,
    ]);
  });

  it('waits as long as the provider asks for, an hour at most', () => {
    const limited = (retryAfterMs: number) => new SummaryCallError('rate-limited', '429', false, { retryAfterMs });
    expect([90_000, 1_000, 1e9].map((ms) => afterFailure(limited(ms), 1, 5).retryInMs)).toEqual([
      90_000, 30_000, 3_600_000,
    ]);
  });

  it('gives up after so many attempts, and at once what the provider blames on the question', () => {
    expect(afterFailure(new SummaryCallError('server', 'x', false), 5, 5)).toMatchObject({ state: 'failed' });
    expect(afterFailure(new SummaryCallError('client', 'the provider answered 401', false), 1, 5)).toMatchObject({
      state: 'failed',
    });
  });

  it('counts no attempt while the circuit is open: nobody was asked', () => {
    expect(afterFailure(open, 5, 5)).toMatchObject({ state: 'queued', uncounted: true });
  });

  it('tells nothing of an unknown error but that it was one', () => {
    expect(afterFailure(new Error('key sk-123 is wrong'), 1, 5).reason).toBe('an unexpected error; see the log');
  });
});

describe('what a failed call may cost', () => {
  it('is everything where it may have been answered, and nothing where it was refused or never made', () => {
    const kinds = [
      new SummaryCallError('server', 'broke', true),
      timedOut,
      new SummaryCallError('rate-limited', '429', false),
      open,
    ];
    expect(kinds.map(mayCost)).toEqual([true, true, false, false]);
  });
});
