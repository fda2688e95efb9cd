import type { RefusalReason } from '../refusal.js';
import type { Role } from '../role.js';

/** How a login or API key stands in the database. */
export interface CredentialStatus {
  /** What it was asked for by: the login's id, or the API key's prefix. */
  readonly lookup: string;
  readonly id: string;
  readonly userId: string;
  readonly roles: readonly Role[];
  /** When the login or key itself ends, ms since the epoch. */
  readonly expiresAt: number;
  readonly refused: RefusalReason | undefined;
  /** Of an API key: SHA-256 of the whole key. */
  readonly keyHash: Buffer | undefined;
}

/** Whether two readings of the same login say the same. */
export function sameStatus(a: CredentialStatus, b: CredentialStatus): boolean {
  return (
    a.userId === b.userId &&
    a.refused === b.refused &&
    a.expiresAt === b.expiresAt &&
    a.roles.length === b.roles.length &&
    a.roles.every((role, n) => role === b.roles[n])
  );
}
