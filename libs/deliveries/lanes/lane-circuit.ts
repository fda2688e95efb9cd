import type { CircuitState } from './lane.js';

/** From Convoy and resilience4j. */
const FAILURE_RATIO = 0.7;
const LEAST_REQUESTS = 10;
export const WINDOW_MS = 300_000;
/** Time between two probes while the circuit is open. */
export const PROBE_EVERY_MS = 30_000;
/** Failures in a row that open the circuit. After hours of success the ratio alone would need thousands of failures. */
export const FAILURES_IN_ROW = 10;

/** The circuit breaker of a lane. It is stored in the lane's row, so it survives restarts and all workers share it. */
export interface LaneCircuit {
  state: CircuitState;
  since: Date;
  /** Null while closed. */
  probeAt: Date | null;
  failuresInRow: number;
  /** A delivery has succeeded since it closed. */
  proven: boolean;
}

/** Counts of ended attempts. */
export interface Tally {
  delivered: number;
  failed: number;
}

/**
 * Returns the circuit after more attempts have ended.
 * @param recent the last 5 minutes since the circuit changed, including these attempts
 */
export function afterAttempts(circuit: LaneCircuit, batch: Tally, recent: Tally, now: Date): LaneCircuit {
  if (batch.delivered > 0) {
    // One success closes the circuit and ends the row of failures.
    const failuresInRow = circuit.state === 'closed' ? batch.failed : 0;
    if (circuit.state !== 'closed') return { state: 'closed', since: now, probeAt: null, failuresInRow, proven: true };
    return mustOpen(recent)
      ? opened(circuit, failuresInRow, now)
      : { ...circuit, failuresInRow: Math.min(failuresInRow, FAILURES_IN_ROW - 1), proven: true };
  }
  if (batch.failed === 0) return circuit;
  const failuresInRow = circuit.failuresInRow + batch.failed;
  if (circuit.state !== 'closed' || failuresInRow >= FAILURES_IN_ROW || mustOpen(recent))
    return opened(circuit, failuresInRow, now);
  return { ...circuit, failuresInRow };
}

function mustOpen({ delivered, failed }: Tally): boolean {
  const requests = delivered + failed;
  return requests >= LEAST_REQUESTS && failed >= requests * FAILURE_RATIO;
}

/** Attempts that began before the circuit opened and end late do not postpone the probe. */
function opened(circuit: LaneCircuit, failuresInRow: number, now: Date): LaneCircuit {
  const since = circuit.state === 'open' ? circuit.since : now;
  const probeAt = circuit.state === 'open' ? circuit.probeAt : new Date(now.getTime() + PROBE_EVERY_MS);
  return { state: 'open', since, probeAt, failuresInRow, proven: false };
}
