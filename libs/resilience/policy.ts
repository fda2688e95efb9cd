import type { TimeoutView } from './adaptive-timeout.js';

/** State of a breaker. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface ExecuteOptions<T> {
  /** Signal of the caller. When it aborts, the call ends at once and does not count against the dependency. */
  signal?: AbortSignal;
  /** Returned instead of any failure. `undefined` is a value if the key is present. */
  fallback?: T;
}

/** The policy of one dependency or channel: bulkhead, retries, breaker and timeout, from the outside in. */
export interface Policy {
  readonly name: string;
  readonly state: BreakerState;
  /**
   * Runs `work`. Its signal aborts at the timeout of the attempt and when the caller aborts.
   * @throws DomainError RESILIENCE_CIRCUIT_OPEN, RESILIENCE_TOO_MANY_CALLS, RESILIENCE_TIMED_OUT, or the last error of `work`
   */
  execute<T>(work: (signal: AbortSignal) => Promise<T>, options?: ExecuteOptions<T>): Promise<T>;
}

/** A change of a breaker's state. `at` is the time of the process. */
export interface BreakerTransition {
  name: string;
  from: BreakerState;
  to: BreakerState;
  at: Date;
  /** The reason of the change. Class and code of an error, so it contains no secret. */
  reason: string;
}

/** A breaker and its timeout as operators see them. */
export interface BreakerView extends TimeoutView {
  name: string;
  state: BreakerState;
  /** The time at which it entered this state. Null if it never left `closed`. */
  since: Date | null;
  reason: string | null;
  /** Calls in the window. */
  calls: number;
  failures: number;
}
