/** State of a breaker. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface ExecuteOptions<T> {
  /** The caller's own: aborted, the call ends at once, and nothing is held against the dependency. */
  signal?: AbortSignal;
  /** Given instead of any failure. `undefined` counts when the key is there. */
  fallback?: T;
}

/** The guard of one dependency or channel: bulkhead, retries, breaker and timeout, in this order from outside. */
export interface Policy {
  readonly name: string;
  readonly state: BreakerState;
  /**
   * Runs `work`; its signal is aborted at the timeout of the attempt and when the caller leaves.
   * @throws DomainError RESILIENCE_CIRCUIT_OPEN, RESILIENCE_TOO_MANY_CALLS, RESILIENCE_TIMED_OUT, or what `work` threw last
   */
  execute<T>(work: (signal: AbortSignal) => Promise<T>, options?: ExecuteOptions<T>): Promise<T>;
}

/** One change of a breaker's state. `at` is the process's clock. */
export interface BreakerTransition {
  name: string;
  from: BreakerState;
  to: BreakerState;
  at: Date;
  /** What opened it, in short; why it moved otherwise. Free of secrets: the class of the error and its code. */
  reason: string;
}

/** A breaker as operators see it. */
export interface BreakerView {
  name: string;
  state: BreakerState;
  /** When it entered this state; null when it never left `closed`. */
  since: Date | null;
  reason: string | null;
  /** Within the window. */
  calls: number;
  failures: number;
}
