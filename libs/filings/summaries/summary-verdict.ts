import { DomainError } from '#errors';
import { isEgressRefused } from '#egress';
import { SummaryCallError } from './filing-summarizer.js';
import type { SummaryResult } from './summaries.repository.js';

const RETRY_BASE_MS = 30_000;
const RETRY_MAX_MS = 3_600_000;

/** Decides after a failure whether the question is retried or given up. */
export function afterFailure(error: unknown, attempt: number, attempts: number): SummaryResult {
  const reason = reasonOf(error);
  if (isEgressRefused(error)) return { state: 'failed', reason };
  if (!mayHaveBegun(error)) return { state: 'queued', reason, retryInMs: RETRY_BASE_MS, uncounted: true };
  if (error instanceof SummaryCallError && error.errorClass === 'client') return { state: 'failed', reason };
  return tryAgain(reason, attempt, attempts, (error as { retryAfterMs?: number }).retryAfterMs);
}

/** 30 s, 60 s, 2 min up to 1 h, or the delay that the provider asks for, at most 1 h. */
export function tryAgain(reason: string, attempt: number, attempts: number, retryAfterMs = 0): SummaryResult {
  if (attempt >= attempts) return { state: 'failed', reason: `${reason} (attempt ${attempt} of ${attempts})` };
  const backoff = RETRY_BASE_MS * 2 ** (attempt - 1);
  return { state: 'queued', reason, retryInMs: Math.min(RETRY_MAX_MS, Math.max(backoff, retryAfterMs)) };
}

/** Whether the provider may charge for the failed call: it answered, or the caller stopped waiting for the answer. */
export function mayCost(error: unknown): boolean {
  return error instanceof SummaryCallError ? error.mayCost : mayHaveBegun(error);
}

/** Short, and free of text that a provider may echo. */
export function reasonOf(error: unknown): string {
  if (error instanceof SummaryCallError) return error.message;
  if (error instanceof DomainError) return error.message.slice(0, 300);
  return 'an unexpected error; see the log';
}

/** An open circuit or a full bulkhead made no call. A timeout left one in progress. */
function mayHaveBegun(error: unknown): boolean {
  return !(
    error instanceof DomainError &&
    (error.code === 'RESILIENCE_CIRCUIT_OPEN' || error.code === 'RESILIENCE_TOO_MANY_CALLS')
  );
}
