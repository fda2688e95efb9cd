import { CircuitState, SamplingBreaker } from 'cockatiel';
import { CallWindow } from './call-window.js';

const OPTIONS = { failureRatio: 0.7, minimumCalls: 10, windowMs: 300_000 };

function windowAt(start = 1_700_000_000_000) {
  const clock = { now: start };
  const window = new CallWindow({ ...OPTIONS, now: () => clock.now });
  return {
    clock,
    window,
    fail: () => window.failure(CircuitState.Closed),
    succeed: () => window.success(CircuitState.Closed),
  };
}

describe('the window of calls', () => {
  it('the window of calls opens at the tenth failure of ten calls and not at the ninth', () => {
    const { fail } = windowAt();
    expect(Array.from({ length: 10 }, fail)).toEqual([...Array<boolean>(9).fill(false), true]);
  });

  it('the window of calls opens at exactly 70 %', () => {
    const { fail, succeed } = windowAt();
    for (let i = 0; i < 3; i += 1) succeed();
    expect(Array.from({ length: 7 }, fail)).toEqual([...Array<boolean>(6).fill(false), true]);
    const below = windowAt();
    for (let i = 0; i < 4; i += 1) below.succeed();
    expect(Array.from({ length: 9 }, below.fail).some(Boolean)).toBe(false);
  });

  it('the window of calls ignores calls older than the window, also after an hour without calls', () => {
    const { clock, window, fail } = windowAt();
    for (let i = 0; i < 9; i += 1) fail();
    clock.now += 3_600_000;
    expect(fail()).toBe(false);
    expect(window.counts()).toEqual({ calls: 1, failures: 1 });
  });

  it('the window of calls counts a failure for the whole window, and for one more slice at most', () => {
    const { clock, window, fail } = windowAt();
    fail();
    clock.now += 289_999;
    expect(window.counts().failures).toBe(1);
    clock.now += 10_001;
    expect(window.counts().failures).toBe(0);
  });

  it('the window of calls is empty after a successful probe', () => {
    const { window, fail } = windowAt();
    for (let i = 0; i < 9; i += 1) fail();
    window.success(CircuitState.HalfOpen);
    expect(window.counts()).toEqual({ calls: 1, failures: 0 });
    expect(fail()).toBe(false);
  });

  it("differs from cockatiel's SamplingBreaker, which opens on failures of an hour ago (negative control)", () => {
    const breaker = new SamplingBreaker({ threshold: 0.69, duration: 300_000, minimumRps: 10 / 300 });
    const now = Date.now();
    const clock = Object.getOwnPropertyDescriptor(Date, 'now')!;
    try {
      Date.now = () => now;
      for (let i = 0; i < 9; i += 1) breaker.failure(CircuitState.Closed);
      Date.now = () => now + 3_600_000;
      expect(breaker.failure(CircuitState.Closed)).toBe(true);
    } finally {
      Object.defineProperty(Date, 'now', clock);
    }
  });
});
