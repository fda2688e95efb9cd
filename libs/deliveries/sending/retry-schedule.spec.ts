import type { DeliveryOutcome } from '../ledger/delivery.js';
import { RETRY_DELAYS, attemptDelay, settle, type Settlement } from './retry-schedule.js';

const failed: DeliveryOutcome = { kind: 'failed', statusCode: 500, latencyMs: 1 };
const EXTREMES = [() => 0, () => 0.5, () => 0.999_999];

/** Runs all attempts of a delivery on a virtual clock. @returns the times of its attempts in ms after the first, and its end */
function live(
  outcomeOf: (attempt: number) => DeliveryOutcome,
  random: () => number,
): { times: number[]; end: Settlement } {
  let now = new Date('2026-01-01T00:00:00Z');
  const begun = now.getTime();
  const times: number[] = [];
  for (let step = 0; ;) {
    times.push(now.getTime() - begun);
    const end = settle(step, outcomeOf(times.length), now, random);
    if (end.status !== 'pending') return { times, end };
    ({ step } = end);
    now = end.nextAttemptAt;
  }
}

describe('the retry schedule', () => {
  it('the retry schedule makes ten attempts in 75 h, each pause within 20 % of its base, and then ends as a dead letter', () => {
    for (const random of EXTREMES) {
      const { times, end } = live(() => failed, random);
      expect(times).toHaveLength(10);
      expect(end.status).toBe('dead');
      const pauses = times.slice(1).map((time, n) => time - times[n]!);
      for (const [n, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(RETRY_DELAYS[n + 1]! * 0.8);
        expect(pause).toBeLessThanOrEqual(RETRY_DELAYS[n + 1]! * 1.2);
      }
    }
    const middle = live(
      () => failed,
      () => 0.5,
    ).times.at(-1)!;
    expect(middle / 3_600_000).toBeCloseTo(75.58, 1);
  });

  it('the retry schedule spreads the retries of endpoints that failed together', () => {
    const delays = new Set(Array.from({ length: 50 }, (_, n) => attemptDelay(1, failed, () => n / 50)));
    expect(delays.size).toBe(50);
  });

  it('respects a Retry-After between the base and twice the base', () => {
    for (const [step, base] of RETRY_DELAYS.entries()) {
      if (step === 0) continue;
      const asked = (retryAfterMs: number) =>
        attemptDelay(step, { ...failed, statusCode: 429, retryAfterMs }, () => 0.5);
      expect(asked(0)).toBe(base);
      expect(asked(base * 1.5)).toBe(base * 1.5);
      expect(asked(base * 100)).toBe(base * 2);
    }
  });

  it('the retry schedule never retries early after 429, 502 or 504', () => {
    for (const statusCode of [429, 502, 504]) {
      for (const random of EXTREMES) {
        const delay = attemptDelay(2, { ...failed, statusCode }, random);
        expect(delay).toBeGreaterThanOrEqual(RETRY_DELAYS[2]!);
        expect(delay).toBeLessThanOrEqual(RETRY_DELAYS[2]! * 1.2);
      }
    }
  });

  it('the retry schedule ends at once after 410', () => {
    expect(live(() => ({ kind: 'gone', statusCode: 410, latencyMs: 1 }), Math.random)).toMatchObject({
      times: [0],
      end: { status: 'dead' },
    });
    expect(live(() => ({ kind: 'failed', statusCode: 410, latencyMs: 1 }), Math.random).times).toEqual([0]);
  });

  it('the retry schedule treats only 2xx as success', () => {
    const endOf = (statusCode: number) =>
      settle(0, { kind: 'delivered', statusCode, latencyMs: 1 }, new Date(), () => 0.5).status;
    expect([200, 201, 202, 204, 299].map(endOf)).toEqual(Array(5).fill('delivered'));
    expect([301, 302, 304, 307, 308, 199, 404, 500].map(endOf)).toEqual(Array(8).fill('pending'));
  });

  it('delivers at the first attempt after the endpoint recovers', () => {
    const { times, end } = live(
      (attempt) => (attempt < 4 ? failed : { kind: 'delivered', statusCode: 204, latencyMs: 1 }),
      () => 0.5,
    );
    expect(times).toEqual([0, 5_000, 305_000, 2_105_000]);
    expect(end.status).toBe('delivered');
  });
});
