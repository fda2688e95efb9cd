import { CircuitState, type IBreaker } from 'cockatiel';

const BUCKETS = 30;

export interface CallWindowOptions {
  /** Share of failures at which the circuit opens, in (0, 1]. */
  failureRatio: number;
  /** Minimum number of calls in the window before the circuit can open. */
  minimumCalls: number;
  windowMs: number;
  /** Current time in ms. Default: the wall clock. */
  now?: () => number;
}

interface Bucket {
  /** Number of the time slice that the bucket counts. A bucket of another slice is empty. */
  slice: number;
  calls: number;
  failures: number;
}

/**
 * Counts the calls of the last `windowMs` in 30 slices. The circuit opens if there are at least `minimumCalls`, and at least
 * `failureRatio` of them failed. cockatiel's SamplingBreaker requires a number of calls per second and drops one slice per
 * call: after an hour without calls it still counts the failures of the hour before.
 */
export class CallWindow implements IBreaker {
  private readonly sliceMs: number;
  private readonly now: () => number;
  private buckets: Bucket[] = [];
  /** State that cockatiel can save and restore. Ours starts empty in each process. */
  state: unknown = undefined;

  constructor(private readonly options: CallWindowOptions) {
    this.sliceMs = Math.max(1, options.windowMs / BUCKETS);
    this.now = options.now ?? Date.now;
    this.reset();
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.reset();
    this.bucket().calls += 1;
  }

  /** @returns whether the circuit must open */
  failure(state: CircuitState): boolean {
    const bucket = this.bucket();
    bucket.calls += 1;
    bucket.failures += 1;
    if (state !== CircuitState.Closed) return true;
    const { calls, failures } = this.counts();
    return calls >= this.options.minimumCalls && failures >= calls * this.options.failureRatio;
  }

  counts(): { calls: number; failures: number } {
    const oldest = this.slice() - BUCKETS;
    let calls = 0;
    let failures = 0;
    for (const bucket of this.buckets) {
      if (bucket.slice <= oldest) continue;
      calls += bucket.calls;
      failures += bucket.failures;
    }
    return { calls, failures };
  }

  private reset(): void {
    this.buckets = Array.from({ length: BUCKETS }, () => ({ slice: Number.NEGATIVE_INFINITY, calls: 0, failures: 0 }));
  }

  private bucket(): Bucket {
    const slice = this.slice();
    const at = ((slice % BUCKETS) + BUCKETS) % BUCKETS;
    const bucket = this.buckets[at]!;
    if (bucket.slice === slice) return bucket;
    return (this.buckets[at] = { slice, calls: 0, failures: 0 });
  }

  private slice(): number {
    return Math.floor(this.now() / this.sliceMs);
  }
}
