import type { DomainError, FieldIssue } from '#errors';
import type { OwnedPortfolio, PreparedSnapshot } from './snapshots/snapshots.repository.js';
import { accountMismatch, ownerMismatch, portfolioIsClosed, portfolioNotYours } from './portfolios.errors.js';

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
 * Why a snapshot may not be stored over a portfolio. Checks the owner first, so that another user learns nothing about the account.
 */
export function refusalOver(
  sent: PreparedSnapshot,
  kept: OwnedPortfolio,
  caller: { userId: string; operator: boolean },
): DomainError | undefined {
  const id = sent.portfolioId;
  if (kept.userId !== sent.userId) {
    if (!caller.operator) return portfolioNotYours(id);
    if (sent.userId === caller.userId) return ownerMismatch(id);
  }
  if (kept.broker !== sent.broker || kept.account !== sent.account) return accountMismatch(id, kept);
  return kept.closed ? portfolioIsClosed(id) : undefined;
}
