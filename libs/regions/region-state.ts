/** How one probe ended. `invalid`: an answer that is not that of a desk. */
export type ProbeOutcome = 'ok' | 'timeout' | 'unreachable' | 'status' | 'invalid';

export interface ProbeResult {
  outcome: ProbeOutcome;
  /** Time until the head of the answer, in ms. */
  latencyMs: number;
}

/** `unknown`: not probed yet, or one probe failed and none succeeded before. */
export type RegionHealth = 'up' | 'unknown' | 'down';

/** Probes that fail in a row before a region is down: one lost packet moves no client. */
const FAILURES_UNTIL_DOWN = 2;
/** Latencies that are kept. Their median ignores a single slow answer and the connection's first handshake. */
const KEPT_LATENCIES = 5;

/** What the probes of one region have shown. */
export class RegionState {
  health: RegionHealth = 'unknown';
  checkedAt: Date | null = null;
  /** Outcome of the last probe while it failed. */
  failure: Exclude<ProbeOutcome, 'ok'> | null = null;
  private failures = 0;
  private latencies: number[] = [];

  /** Median of the last successful probes, in ms. Null while the region is down or unknown. */
  get latencyMs(): number | null {
    if (this.health !== 'up' || this.latencies.length === 0) return null;
    return this.latencies.toSorted((a, b) => a - b)[Math.floor(this.latencies.length / 2)]!;
  }

  probed({ outcome, latencyMs }: ProbeResult, at: Date): void {
    this.checkedAt = at;
    if (outcome === 'ok') {
      this.failures = 0;
      this.failure = null;
      this.health = 'up';
      this.latencies = [...this.latencies, latencyMs].slice(-KEPT_LATENCIES);
      return;
    }
    this.failures += 1;
    this.failure = outcome;
    if (this.failures < FAILURES_UNTIL_DOWN) return;
    this.health = 'down';
    this.latencies = [];
  }
}
