import type { FieldIssue } from '#errors';
import type { KeptSnapshot, PreparedSnapshot, StoredSnapshot } from './snapshots/snapshots.repository.js';
import type { SnapshotStatus } from './snapshots/snapshot.dto.js';
import { accountMismatch, ownerMismatch, portfolioNotYours, portfolioRemoved } from './portfolios.errors.js';

/** Maximum issues in an answer: a client whose clock is wrong has 10,000 of one kind. */
export const ISSUES_MAX = 20;

/** Returns an issue for each item that `refused` gives a value for, with its field such as `snapshots[3].asOf`. */
export function issuesOf<T>(
  items: readonly T[],
  refused: (item: T) => string | undefined,
  field: (index: number) => string,
  allowed: string,
): FieldIssue[] {
  const issues: FieldIssue[] = [];
  for (const [index, item] of items.entries()) {
    const seen = refused(item);
    if (seen !== undefined) issues.push({ field: field(index), seen, allowed });
    if (issues.length === ISSUES_MAX) break;
  }
  return issues;
}

/** Times that lie further in the future than the tolerance. A clock that runs ahead would lock every later write out. */
export function aheadIssues(
  items: readonly { asOf: string }[],
  field: (index: number) => string,
  nowMs: number,
  toleranceMs: number,
): FieldIssue[] {
  const allowed = `at most ${toleranceMs / 1000} s in the future`;
  return issuesOf(items, ({ asOf }) => (Date.parse(asOf) > nowMs + toleranceMs ? asOf : undefined), field, allowed);
}

/**
 * Says why a snapshot did not replace the row. Checks the owner first, so that another user learns nothing about the account.
 * The same snapshot again, character for character, is `stored`: a client that lost the answer may send it again.
 * @throws DomainError PORTFOLIOS_NOT_YOURS, PORTFOLIOS_OWNER_MISMATCH, PORTFOLIOS_ACCOUNT_MISMATCH
 */
export function statusOfKept(
  sent: PreparedSnapshot,
  result: StoredSnapshot,
  kept: KeptSnapshot | undefined,
  caller: { userId: string; operator: boolean },
): SnapshotStatus['status'] {
  const id = sent.portfolioId;
  if (!kept) throw portfolioRemoved(id);
  if (kept.userId !== sent.userId) {
    if (!caller.operator) throw portfolioNotYours(id);
    if (sent.userId === caller.userId) throw ownerMismatch(id);
  }
  if (kept.broker !== sent.broker || kept.account !== sent.account) throw accountMismatch(id, kept);
  return kept.sameAsOf && kept.digest === result.digest && kept.userId === sent.userId ? 'stored' : 'stale';
}
