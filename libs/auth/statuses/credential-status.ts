import type { RefusalReason } from '../refusal.js';
import type { Role } from '../role.js';

/** Status of a login or API key in the database. */
export interface CredentialStatus {
  /** The id of the login, or the prefix of the API key. */
  readonly lookup: string;
  readonly id: string;
  readonly userId: string;
  readonly roles: readonly Role[];
  /** When the login or key ends, ms since the epoch. */
  readonly expiresAt: number;
  readonly refused: RefusalReason | undefined;
  /** SHA-256 of the whole API key; undefined for a login. */
  readonly keyHash: Buffer | undefined;
}

/** Whether two statuses of the same login or key are equal. */
export function sameStatus(a: CredentialStatus, b: CredentialStatus): boolean {
  return (
    a.userId === b.userId &&
    a.refused === b.refused &&
    a.expiresAt === b.expiresAt &&
    a.roles.length === b.roles.length &&
    a.roles.every((role, n) => role === b.roles[n])
  );
}
