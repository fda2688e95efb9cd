import { CallTimes } from './call-times.js';

/** Limits of a timeout that adapts, in ms. Equal limits fix it. */
export interface TimeoutLimits {
  /** Used until enough calls have been measured. */
  timeoutMs: number;
  minTimeoutMs: number;
  maxTimeoutMs: number;
}

/** A timeout as operators see it, in ms. */
export interface TimeoutView extends TimeoutLimits {
  /** 99th percentile of the successful calls of the last minutes. Null after fewer than 20 of them. */
  p99Ms: number | null;
}

/** The timeout is this multiple of the 99th percentile. */
const FACTOR = 3;
/** A timeout doubles the limit. */
const RAISE = 2;

/**
 * Adapts the timeout of a dependency to its own successful calls: three times their 99th percentile, within limits. A call
 * that exceeds it is not measured, so a dependency that became slower would never succeed again. Each timeout therefore
 * doubles the limit of that call for the length of the window, up to the maximum.
 */
export class AdaptiveTimeout {
  private readonly times: CallTimes;
  private raisedTo = 0;
  private raisedUntil = 0;

  constructor(
    private readonly limits: TimeoutLimits,
    private readonly windowMs: number,
    private readonly now: () => number = Date.now,
  ) {
    this.times = new CallTimes(windowMs, now);
  }

  /** The timeout of the next call. */
  get ms(): number {
    const { timeoutMs, minTimeoutMs, maxTimeoutMs } = this.limits;
    const p99 = this.times.p99();
    const own = p99 === undefined ? timeoutMs : Math.ceil(p99 * FACTOR);
    const raised = this.now() < this.raisedUntil ? this.raisedTo : 0;
    return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, own, raised));
  }

  succeeded(durationMs: number): void {
    this.times.add(durationMs);
  }

  /** @param limitMs the timeout of that call. Calls that ran together therefore double it once */
  timedOut(limitMs: number): void {
    const now = this.now();
    const wanted = Math.min(this.limits.maxTimeoutMs, limitMs * RAISE);
    this.raisedTo = now < this.raisedUntil ? Math.max(this.raisedTo, wanted) : wanted;
    this.raisedUntil = now + this.windowMs;
  }

  view(): TimeoutView {
    const { minTimeoutMs, maxTimeoutMs } = this.limits;
    const p99 = this.times.p99();
    return {
      timeoutMs: this.ms,
      minTimeoutMs,
      maxTimeoutMs,
      p99Ms: p99 === undefined ? null : Math.round(p99 * 10) / 10,
    };
  }
}
