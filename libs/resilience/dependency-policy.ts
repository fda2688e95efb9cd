import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  type CircuitBreakerPolicy,
  handleWhen,
  type IPolicy,
  retry,
  wrap,
} from 'cockatiel';
import { AdaptiveTimeout } from './adaptive-timeout.js';
import { CallWindow } from './call-window.js';
import { classifyError, countsAgainst, isRetryable } from './error-class.js';
import type { BreakerState, BreakerTransition, BreakerView, ExecuteOptions, Policy } from './policy.js';
import type { PolicyOptions } from './policy-options.js';
import { circuitOpen, timedOut, tooManyCalls } from './resilience.errors.js';
import { retryAfterOf, retryDelay } from './retry-delay.js';

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
};

/** The caller aborted, which says nothing about the dependency. */
const LEFT = new Error('the caller left');

export interface PolicyEvents {
  outcome(name: string, outcome: string): void;
  transition(transition: BreakerTransition): void;
}

/** The policies of cockatiel around one dependency. */
export class DependencyPolicy implements Policy {
  private readonly window: CallWindow;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly timeout: AdaptiveTimeout;
  private readonly guarded: IPolicy;
  private since: Date | null = null;
  private reason: string | null = null;
  private last: BreakerState = 'closed';
  /** Number of running calls. A policy with running calls is not removed. */
  running = 0;

  constructor(
    readonly name: string,
    private readonly options: PolicyOptions,
    private readonly events: PolicyEvents,
  ) {
    this.window = new CallWindow(options);
    const off = options.failureRatio === 0;
    this.breaker = circuitBreaker(
      // A probe that its caller aborted proves nothing, so the circuit opens again.
      handleWhen(
        (error) =>
          !off && (isLeft(error) ? this.breaker.state === CircuitState.HalfOpen : countsAgainst(classifyError(error))),
      ),
      { breaker: this.window, halfOpenAfter: options.halfOpenAfterMs },
    );
    this.breaker.onStateChange((state) => this.moved(STATES[state]));
    const tries = retry(
      handleWhen((error) => !isOurs(error) && isRetryable(classifyError(error))),
      {
        maxAttempts: options.retries,
        backoff: { next: (context) => this.backoff(context.attempt, context.result) },
      },
    );
    this.timeout = new AdaptiveTimeout(options, options.windowMs);
    const inside = wrap(tries, this.breaker);
    this.guarded = options.concurrency > 0 ? wrap(bulkhead(options.concurrency, options.queue), inside) : inside;
  }

  get state(): BreakerState {
    return STATES[this.breaker.state];
  }

  view(): BreakerView {
    const { name, state, since, reason } = this;
    return { name, state, since, reason, ...this.window.counts(), ...this.timeout.view() };
  }

  async execute<T>(work: (signal: AbortSignal) => Promise<T>, options: ExecuteOptions<T> = {}): Promise<T> {
    this.running += 1;
    try {
      const value = await this.guard(work, options.signal);
      this.events.outcome(this.name, 'success');
      return value;
    } catch (error) {
      const left = isLeft(error);
      const usesFallback = 'fallback' in options && !left;
      this.events.outcome(this.name, usesFallback ? 'fallback' : left ? 'aborted' : outcomeOf(error));
      if (left) throw options.signal!.reason;
      if (usesFallback) return options.fallback as T;
      throw this.told(error);
    } finally {
      this.running -= 1;
    }
  }

  private async guard<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw LEFT;
    const attempt = async ({ signal: own }: { signal: AbortSignal }): Promise<T> => {
      if (signal?.aborted) throw LEFT;
      try {
        return await this.timed(work, own);
      } catch (error) {
        if (signal?.aborted) throw LEFT;
        if (this.breaker.state === CircuitState.Closed && !countsAgainst(classifyError(error)))
          this.window.success(CircuitState.Closed);
        throw error;
      }
    };
    const running = this.guarded.execute(attempt, signal);
    if (signal === undefined) return running;
    // Without it a call in the queue or between two attempts would not end when its caller aborts.
    const gone = Promise.withResolvers<never>();
    const leave = () => gone.reject(LEFT);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([running, gone.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      running.catch(() => undefined);
    }
  }

  /** Measures the attempt and ends it at the timeout, also if the work ignores its signal. */
  private async timed<T>(work: (signal: AbortSignal) => Promise<T>, own: AbortSignal): Promise<T> {
    const { ms } = this.timeout;
    const began = performance.now();
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    let ended = false;
    const leave = () => {
      late.reject(own.reason);
      controller.abort(own.reason);
    };
    own.addEventListener('abort', leave, { once: true });
    const giveUp = () => {
      if (ended) return;
      this.timeout.timedOut(ms);
      const error = timedOut(this.name, ms);
      late.reject(error);
      controller.abort(error);
    };
    // An answer that came while this process was busy is read first: sockets follow timers, and immediates follow sockets.
    const timer = setTimeout(() => setImmediate(giveUp), ms);
    try {
      const value = await Promise.race([work(controller.signal), late.promise]);
      this.timeout.succeeded(performance.now() - began);
      return value;
    } finally {
      ended = true;
      clearTimeout(timer);
      own.removeEventListener('abort', leave);
    }
  }

  private backoff(
    attempt: number,
    result: unknown,
  ): { duration: number; next: (context: { attempt: number; result: unknown }) => never } {
    const { retryBaseMs, retryMaxMs } = this.options;
    const said = retryAfterOf((result as { error?: unknown }).error);
    const duration = retryDelay(attempt, { baseMs: retryBaseMs, maxMs: retryMaxMs }, Math.random(), said);
    return { duration, next: (context) => this.backoff(context.attempt, context.result) as never };
  }

  private moved(to: BreakerState): void {
    const failure = this.breaker.lastFailure as { error?: unknown } | undefined;
    const reason = to === 'open' ? shortOf(failure?.error) : to === 'half-open' ? 'probe' : 'the probe succeeded';
    this.since = new Date();
    this.reason = reason;
    const from = this.last;
    this.last = to;
    this.events.transition({ name: this.name, from, to, at: this.since, reason });
  }

  private told(error: unknown): unknown {
    if (error instanceof BrokenCircuitError) {
      return circuitOpen(this.name, (this.since?.getTime() ?? 0) + this.options.halfOpenAfterMs - Date.now());
    }
    if (error instanceof BulkheadRejectedError) return tooManyCalls(this.name);
    return error;
  }
}

function isLeft(error: unknown): boolean {
  return error === LEFT;
}

function isOurs(error: unknown): boolean {
  return isLeft(error) || error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError;
}

function outcomeOf(error: unknown): string {
  if (error instanceof BrokenCircuitError) return 'open';
  return error instanceof BulkheadRejectedError ? 'rejected' : classifyError(error);
}

/** Returns class and code of the error. The message may contain an address or a token and must not enter an event. */
function shortOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  const word = classifyError(error);
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? `${word} (${code})` : word;
}
