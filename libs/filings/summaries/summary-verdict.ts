import { DomainError } from '#errors';
import { isEgressRefused } from '#egress';
import { SummaryCallError } from './filing-summarizer.js';
import type { SummaryResult } from './summaries.repository.js';

const RETRY_BASE_MS = 30_000;
const RETRY_MAX_MS = 3_600_000;

/** What becomes of a question after a failure: tried again later, or given up. */
export function afterFailure(error: unknown, attempt: number, attempts: number): SummaryResult {
  const reason = reasonOf(error);
  if (isEgressRefused(error)) return { state: 'failed', reason };
  if (!mayHaveBegun(error)) return { state: 'queued', reason, retryInMs: RETRY_BASE_MS, uncounted: true };
  if (error instanceof SummaryCallError && error.errorClass === 'client') return { state: 'failed', reason };
  return tryAgain(reason, attempt, attempts, (error as { retryAfterMs?: number }).retryAfterMs);
}

/** 30 s, 60 s, 2 min .. 1 h; or as long as the provider asked for, an hour at most. */
export function tryAgain(reason: string, attempt: number, attempts: number, retryAfterMs = 0): SummaryResult {
  if (attempt >= attempts) return { state: 'failed', reason: `${reason} (attempt ${attempt} of ${attempts})` };
  const backoff = RETRY_BASE_MS * 2 ** (attempt - 1);
  return { state: 'queued', reason, retryInMs: Math.min(RETRY_MAX_MS, Math.max(backoff, retryAfterMs)) };
}

/** Whether the provider may charge for the failed call: it answered, or nobody waited for its answer. */
export function mayCost(error: unknown): boolean {
  return error instanceof SummaryCallError ? error.mayCost : mayHaveBegun(error);
}

/** In short, and free of what a provider may echo. */
export function reasonOf(error: unknown): string {
  if (error instanceof SummaryCallError) return error.message;
  if (error instanceof DomainError) return error.message.slice(0, 300);
  return 'an unexpected error; see the log';
}

/** An open circuit or a full bulkhead began no call; a timeout left one under way. */
function mayHaveBegun(error: unknown): boolean {
  return !(
    error instanceof DomainError &&
    (error.code === 'RESILIENCE_CIRCUIT_OPEN' || error.code === 'RESILIENCE_TOO_MANY_CALLS')
  );
}
