import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { RefusalReason } from '../refusal.js';
import { capRoles, type Role } from '../role.js';
import type { CredentialStatus } from './credential-status.js';

interface Row {
  lookup: string;
  id: string;
  userId: string;
  roles: Role[];
  expiresAt: Date;
  revoked: boolean;
  disabled: boolean;
  keyHash: Buffer | null;
  keyRoles: Role[] | null;
}

/** Reads the status of many logins and API keys in one query. */
@Injectable()
export class CredentialStatusRepository {
  constructor(private readonly database: Database) {}

  /** @param lookups login ids (UUIDs) and API key prefixes, mixed. @param waitMs maximum duration @returns the statuses of those that exist */
  async load(lookups: string[], waitMs: number): Promise<Map<string, CredentialStatus>> {
    const rows = await this.database.rows<Row>(
      `SELECT l.id::text AS lookup, l.id, l.user_id AS "userId", u.roles, l.expires_at AS "expiresAt",
              l.revoked_at IS NOT NULL AS revoked, u.disabled_at IS NOT NULL AS disabled, NULL::bytea AS "keyHash", NULL::text[] AS "keyRoles"
       FROM logins l JOIN users u ON u.id = l.user_id WHERE l.id = ANY ($1::uuid[])
       UNION ALL
       SELECT k.prefix, k.id, k.user_id, u.roles, k.expires_at, k.revoked_at IS NOT NULL, u.disabled_at IS NOT NULL, k.key_hash, k.roles
       FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.prefix = ANY ($2::text[])`,
      [lookups.filter((lookup) => lookup.includes('-')), lookups.filter((lookup) => !lookup.includes('-'))],
      waitMs,
    );
    return new Map(rows.map((row) => [row.lookup, statusOf(row)]));
  }
}

function statusOf(row: Row): CredentialStatus {
  return {
    lookup: row.lookup,
    id: row.id,
    userId: row.userId,
    roles: row.keyRoles === null ? row.roles : capRoles(row.keyRoles, row.roles),
    expiresAt: row.expiresAt.getTime(),
    refused: refusalOf(row),
    keyHash: row.keyHash ?? undefined,
  };
}

function refusalOf(row: Row): RefusalReason | undefined {
  if (row.disabled) return 'user_disabled';
  if (!row.revoked) return undefined;
  return row.keyHash === null ? 'login_revoked' : 'api_key_revoked';
}
