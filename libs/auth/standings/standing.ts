import type { RefusalReason } from '../refusal.js';
import type { Role } from '../role.js';

/** How a session or machine key stands in the database. */
export interface Standing {
  /** What it was asked for by: the session's id, or the machine key's prefix. */
  readonly lookup: string;
  readonly id: string;
  readonly userId: string;
  readonly roles: readonly Role[];
  /** When the session or key itself ends, ms since the epoch. */
  readonly expiresAt: number;
  readonly refused: RefusalReason | undefined;
  /** Of a machine key: SHA-256 of the whole key. */
  readonly keyHash: Buffer | undefined;
}

/** Whether two readings of the same session say the same. */
export function sameStanding(a: Standing, b: Standing): boolean {
  return (
    a.userId === b.userId &&
    a.refused === b.refused &&
    a.expiresAt === b.expiresAt &&
    a.roles.length === b.roles.length &&
    a.roles.every((role, n) => role === b.roles[n])
  );
}
