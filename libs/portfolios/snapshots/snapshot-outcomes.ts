import type { DomainError, FieldIssue } from '#errors';
import type { RecordedEvent } from '#events';
import { utcTime } from '#time';
import { portfolioOpened, portfolioOwnerChanged } from '../portfolio-events.js';
import { aheadIssues } from '../snapshot-checks.js';
import type { Snapshot, SnapshotStatus } from './snapshot.dto.js';
import type { PreparedSnapshot, StoredSnapshot } from './snapshots.repository.js';

/** Issues listed in one answer. Further refused items have their code and detail only. */
const ISSUES_TOTAL_MAX = 2_000;

/** What became of a snapshot that was sent. */
export interface SnapshotOutcome {
  portfolioId: string | null;
  status: SnapshotStatus['status'];
  /** Why it was refused. */
  refusal?: DomainError;
}

/** Its times are those that answers show, so a client may send one back. @param userId its owner, if it names none */
export function preparedOf(snapshot: Snapshot, userId: string): PreparedSnapshot {
  return {
    ...snapshot,
    userId: snapshot.userId ?? userId,
    cash: snapshot.cash ?? '0',
    asOf: utcTime(snapshot.asOf, 3),
    positions: snapshot.positions.map((position) =>
      position.pricedAt === undefined ? position : { ...position, pricedAt: utcTime(position.pricedAt, 3) },
    ),
  };
}

/** The times of a snapshot that lie in the future. */
export function futureTimesOf({ asOf, positions }: Snapshot, nowMs: number, toleranceMs: number): FieldIssue[] {
  const priced = positions.map(({ pricedAt }) => ({ asOf: pricedAt ?? asOf }));
  return [
    ...aheadIssues([{ asOf }], () => 'asOf', nowMs, toleranceMs),
    ...aheadIssues(
      positions.some(({ pricedAt }) => pricedAt !== undefined) ? priced : [],
      (index) => `positions[${index}].pricedAt`,
      nowMs,
      toleranceMs,
    ),
  ];
}

/** The statuses as answered. */
export function statusesOf(outcomes: readonly SnapshotOutcome[]): SnapshotStatus[] {
  let listed = 0;
  return outcomes.map(({ portfolioId, status, refusal }): SnapshotStatus => {
    if (refusal === undefined) return { portfolioId, status };
    const { code, message, details } = refusal;
    const issues = details.errors?.slice(0, Math.max(0, ISSUES_TOTAL_MAX - listed)) ?? [];
    listed += issues.length;
    return { portfolioId, status, code, detail: message, ...(issues.length > 0 ? { issues } : {}) };
  });
}

/** The events of a stored snapshot: none, unless it opened the portfolio or moved it. */
export function eventsOf(
  { portfolioId, broker, account, currency, userId }: PreparedSnapshot,
  { opened, previousUserId }: StoredSnapshot,
  callerId: string,
): RecordedEvent[] {
  if (opened) {
    const payload = { portfolioId, broker, account, currency, openedBy: callerId };
    return [{ type: portfolioOpened.type, broker, userId, payload }];
  }
  if (previousUserId === null) return [];
  const payload = { portfolioId, previousUserId, userId, changedBy: callerId };
  return [{ type: portfolioOwnerChanged.type, broker, userId, payload }];
}
