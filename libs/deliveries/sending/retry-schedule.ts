import type { DeliveryOutcome, DeliveryStatus } from '../ledger/delivery.js';

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;

/** Pauses before the attempts, in ms: ten attempts in 75 h 35 min. From https://www.standardwebhooks.com (deliverability) and Svix. */
export const RETRY_DELAYS: readonly number[] = [
  0,
  5 * S,
  5 * MIN,
  30 * MIN,
  2 * H,
  5 * H,
  10 * H,
  14 * H,
  20 * H,
  24 * H,
];

const JITTER = 0.2;

/** Too many requests, bad gateway, gateway timeout: the receiver is overloaded, so a retry never comes early. */
const SLOW_DOWN = new Set([429, 502, 504]);

export interface Settlement {
  status: Extract<DeliveryStatus, 'delivered' | 'pending' | 'dead'>;
  /** Attempts of the schedule used so far. */
  step: number;
  nextAttemptAt: Date;
}

/** Whether the status is a success. Only 2xx is; a redirect is not. */
export function succeeded({ kind, statusCode }: DeliveryOutcome): boolean {
  return kind === 'delivered' && (statusCode === undefined || (statusCode >= 200 && statusCode < 300));
}

/**
 * Returns the next state of a delivery after an attempt.
 * @param step attempts of the schedule used before this one @param random in [0, 1)
 */
export function settle(step: number, outcome: DeliveryOutcome, now: Date, random: () => number): Settlement {
  const used = step + 1;
  if (succeeded(outcome)) return { status: 'delivered', step: used, nextAttemptAt: now };
  const gone = outcome.kind === 'gone' || outcome.statusCode === 410;
  if (gone || used >= RETRY_DELAYS.length) return { status: 'dead', step: used, nextAttemptAt: now };
  return {
    status: 'pending',
    step: used,
    nextAttemptAt: new Date(now.getTime() + attemptDelay(used, outcome, random)),
  };
}

/** Pause before attempt `step + 1`, in ms: the base within 20 %, or the receiver's Retry-After within [base, 2 x base]. */
export function attemptDelay(
  step: number,
  { retryAfterMs, statusCode }: DeliveryOutcome,
  random: () => number,
): number {
  const base = RETRY_DELAYS[step]!;
  if (retryAfterMs !== undefined) return Math.round(Math.min(Math.max(retryAfterMs, base), 2 * base));
  const least = SLOW_DOWN.has(statusCode ?? 0) ? 1 : 1 - JITTER;
  return Math.round(base * (least + random() * (1 + JITTER - least)));
}
