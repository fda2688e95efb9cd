import type { DeliveryOutcome, DeliveryStatus } from '../ledger/delivery.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';
import { settle } from './retry-schedule.js';

const MAX_ERROR_LENGTH = 1_000;
const MAX_RESPONSE_LENGTH = 16_384;

/** An attempt as it is recorded. */
export interface AttemptRow {
  id: string;
  attempt: number;
  at: Date;
  outcome: 'delivered' | 'failed' | 'gone';
  /** Status of the delivery, unless it has changed meanwhile. */
  status: DeliveryStatus;
  step: number;
  nextAttemptAt: Date;
  statusCode: number | null;
  errorClass: string | null;
  error: string | null;
  latencyMs: number;
  responseBody: string | null;
}

/** An ended attempt that is not recorded yet. */
export interface EndedAttempt {
  delivery: ClaimedDelivery;
  outcome: DeliveryOutcome;
  row: AttemptRow;
}

export function endedAttempt(delivery: ClaimedDelivery, outcome: DeliveryOutcome, now: Date): EndedAttempt {
  const { status, step, nextAttemptAt } = settle(delivery.step, outcome, now, Math.random);
  const gone = outcome.kind === 'gone' || outcome.statusCode === 410;
  const row: AttemptRow = {
    id: delivery.id,
    attempt: delivery.attempt,
    at: now,
    outcome: status === 'delivered' ? 'delivered' : gone ? 'gone' : 'failed',
    status,
    step,
    nextAttemptAt,
    statusCode: outcome.statusCode ?? null,
    errorClass: outcome.errorClass ?? null,
    error: storable(outcome.error, MAX_ERROR_LENGTH),
    latencyMs: Math.round(outcome.latencyMs),
    responseBody: storable(outcome.responseBody, MAX_RESPONSE_LENGTH),
  };
  return { delivery, outcome, row };
}

/** Removes NUL, which a receiver may send and PostgreSQL's text cannot store. */
function storable(text: string | undefined, maxLength: number): string | null {
  return text === undefined ? null : text.slice(0, maxLength).replaceAll('\0', '\uFFFD');
}
