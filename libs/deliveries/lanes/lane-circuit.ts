import type { CircuitState } from './lane.js';

/** From Convoy and resilience4j. */
const FAILURE_RATIO = 0.7;
const LEAST_REQUESTS = 10;
export const WINDOW_MS = 300_000;
/** One probe in so long while the circuit is open. */
export const PROBE_EVERY_MS = 30_000;
/** An endpoint that was well for hours would need thousands of failures to reach the ratio: so many in a row are enough. */
export const FAILURES_IN_ROW = 10;

/** A lane's circuit. It lives in the lane's row, so that it survives restarts and all workers share it. */
export interface LaneCircuit {
  state: CircuitState;
  since: Date;
  /** Null while closed. */
  probeAt: Date | null;
  failuresInRow: number;
  /** Something has succeeded since it closed. */
  proven: boolean;
}

/** Ends of attempts. */
export interface Tally {
  delivered: number;
  failed: number;
}

/**
 * The circuit after some more attempts have ended.
 * @param recent the last 5 minutes since the circuit changed, these attempts among them
 */
export function afterAttempts(circuit: LaneCircuit, batch: Tally, recent: Tally, now: Date): LaneCircuit {
  if (batch.delivered > 0) {
    // How it is now is what matters: one success closes, and ends the row of failures.
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

/** Late ends of attempts from before it opened do not put the probe off. */
function opened(circuit: LaneCircuit, failuresInRow: number, now: Date): LaneCircuit {
  const since = circuit.state === 'open' ? circuit.since : now;
  const probeAt = circuit.state === 'open' ? circuit.probeAt : new Date(now.getTime() + PROBE_EVERY_MS);
  return { state: 'open', since, probeAt, failuresInRow, proven: false };
}
