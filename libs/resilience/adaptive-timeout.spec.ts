import fc from 'fast-check';
import { AdaptiveTimeout, type TimeoutLimits } from './adaptive-timeout.js';
import { CallTimes } from './call-times.js';

const WINDOW_MS = 300_000;
const LIMITS: TimeoutLimits = { timeoutMs: 10_000, minTimeoutMs: 2_000, maxTimeoutMs: 10_000 };

function timeoutAt(limits = LIMITS) {
  const clock = { now: 1_700_000_000_000 };
  const timeout = new AdaptiveTimeout(limits, WINDOW_MS, () => clock.now);
  const succeed = (times: number, durationMs: number) => {
    for (let n = 0; n < times; n += 1) timeout.succeeded(durationMs);
  };
  return { clock, timeout, succeed };
}

const duration = fc.double({ min: 0, max: 200_000, noNaN: true });
const limits = fc
  .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }))
  .map(([minTimeoutMs, more, most]) => ({
    ...{ minTimeoutMs, timeoutMs: minTimeoutMs + more, maxTimeoutMs: minTimeoutMs + more + most },
  }));
const step = fc.oneof(
  fc.record({ kind: fc.constant('success' as const), ms: duration }),
  fc.record({ kind: fc.constant('timeout' as const), ms: fc.constant(0) }),
  fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
);

describe('the times of calls', () => {
  it('the 99th percentile is never below the exact one and at most 19 % above it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 100_000, noNaN: true }), { minLength: 20, maxLength: 400 }),
        (all) => {
          const times = new CallTimes(WINDOW_MS, () => 1_000);
          for (const ms of all) times.add(ms);
          const exact = all.toSorted((a, b) => a - b)[all.length - 1 - Math.floor(all.length / 100)]!;
          expect(times.p99()! / exact).toBeGreaterThanOrEqual(1 - 1e-9);
          expect(times.p99()! / exact).toBeLessThan(1.19);
        },
      ),
    );
  });

  it('calls are forgotten after the window, also after a pause without calls', () => {
    const clock = { now: 5_000 };
    const times = new CallTimes(WINDOW_MS, () => clock.now);
    for (let n = 0; n < 40; n += 1) times.add(8_000);
    clock.now += WINDOW_MS - 50_000;
    for (let n = 0; n < 40; n += 1) times.add(10);
    expect(times.p99()).toBeGreaterThan(7_999);
    clock.now += 50_000;
    expect(times.p99()).toBeLessThan(12);
    clock.now += 10 * WINDOW_MS;
    expect(times.p99()).toBeUndefined();
  });
});

describe('an adaptive timeout', () => {
  it('an adaptive timeout is within its limits whatever happens', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 200 }), (bounds, steps) => {
        const { clock, timeout } = timeoutAt(bounds);
        for (const { kind, ms } of steps) {
          if (kind === 'success') timeout.succeeded(ms);
          else if (kind === 'timeout') timeout.timedOut(timeout.ms);
          else clock.now += ms;
          expect(timeout.ms).toBeGreaterThanOrEqual(bounds.minTimeoutMs);
          expect(timeout.ms).toBeLessThanOrEqual(bounds.maxTimeoutMs);
        }
      }),
    );
  });

  it('an adaptive timeout does not react to 19 calls, and follows 20', () => {
    const { timeout, succeed } = timeoutAt();
    succeed(19, 10);
    expect(timeout.view()).toEqual({ ...LIMITS, p99Ms: null });
    succeed(1, 10);
    expect(timeout.ms).toBe(LIMITS.minTimeoutMs);
  });

  it('an adaptive timeout is at least three times the 99th percentile of the calls, up to its maximum', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 20, maxLength: 300 }), (all) => {
        const { timeout } = timeoutAt();
        for (const ms of all) timeout.succeeded(ms);
        const exact = all.toSorted((a, b) => a - b)[all.length - 1 - Math.floor(all.length / 100)]!;
        expect(timeout.ms).toBeGreaterThanOrEqual(Math.min(LIMITS.maxTimeoutMs, 3 * exact - 1e-6));
      }),
    );
  });

  it('timeouts double the limit up to the maximum, so that a slower dependency succeeds again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), (slower) => {
        const { timeout, succeed } = timeoutAt();
        succeed(500, 20);
        let failures = 0;
        for (; slower > timeout.ms; failures += 1) timeout.timedOut(timeout.ms);
        // 2 s, 4 s, 8 s, 10 s
        expect(failures).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('calls that time out together double the limit once', () => {
    const { timeout, succeed } = timeoutAt();
    succeed(100, 20);
    const limit = timeout.ms;
    for (let n = 0; n < 50; n += 1) timeout.timedOut(limit);
    expect(timeout.ms).toBe(2 * limit);
  });

  it('a raised limit lasts for the window, and the times of its calls replace it', () => {
    const { clock, timeout, succeed } = timeoutAt();
    succeed(100, 20);
    timeout.timedOut(timeout.ms);
    timeout.timedOut(timeout.ms);
    clock.now += WINDOW_MS - 1;
    expect(timeout.ms).toBe(8_000);
    succeed(30, 1_000);
    clock.now += 1;
    expect(timeout.ms).toBeGreaterThanOrEqual(3_000);
    expect(timeout.ms).toBeLessThan(3_600);
  });

  it('without raising, a dependency that became slower would fail for good (negative control)', () => {
    const { timeout, succeed } = timeoutAt();
    succeed(500, 20);
    const slower = 3_000;
    for (let n = 0; n < 500; n += 1) if (slower <= timeout.ms) timeout.succeeded(slower);
    expect(timeout.ms).toBeLessThan(slower);
  });
});
