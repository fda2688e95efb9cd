import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { Role } from '../role.js';

/** An API key without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  roles: Role[];
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date;
}

export interface NewApiKey {
  userId: string;
  name: string;
  prefix: string;
  keyHash: Buffer;
  roles: readonly Role[];
  expiresInDays: number;
}

const COLUMNS = `id, name, prefix, roles, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt"`;
const IN_USE = 'revoked_at IS NULL AND expires_at > now()';

/** All SQL on `api_keys`. */
@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  async insert(key: NewApiKey): Promise<ApiKey> {
    const [made] = await this.database.rows<ApiKey>(
      `WITH made AS (
         INSERT INTO api_keys (user_id, name, prefix, key_hash, roles, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) RETURNING *
       ), told AS (${appendSql('users', 'user_id::text')} FROM made)
       SELECT ${COLUMNS} FROM made`,
      [key.userId, key.name, key.prefix, key.keyHash, [...key.roles], key.expiresInDays],
    );
    return made!;
  }

  /** The number of keys in use. */
  async countOf(userId: string): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM api_keys WHERE user_id = $1 AND ${IN_USE}`,
      [userId],
    );
    return row!.count;
  }

  async listOf(userId: string): Promise<ApiKey[]> {
    return this.database.rows<ApiKey>(`SELECT ${COLUMNS} FROM api_keys WHERE user_id = $1 AND ${IN_USE} ORDER BY id`, [
      userId,
    ]);
  }

  /** @returns whether the user had that key in use */
  async revoke(userId: string, id: string): Promise<boolean> {
    const rows = await this.database.rows(
      `WITH revoked AS (UPDATE api_keys SET revoked_at = now() WHERE id = $2 AND user_id = $1 AND ${IN_USE} RETURNING user_id),
            told AS (${appendSql('users', 'user_id::text')} FROM revoked)
       SELECT user_id FROM revoked`,
      [userId, id],
    );
    return rows.length > 0;
  }

  /** @returns the ids of the keys that were in use */
  async revokeAllOf(userId: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `WITH revoked AS (UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND ${IN_USE} RETURNING id, user_id),
            told AS (${appendSql('users', 'user_id::text', { distinct: true })} FROM revoked)
       SELECT id FROM revoked ORDER BY id`,
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  async touch(id: string): Promise<void> {
    await this.database.run(`UPDATE api_keys SET last_used_at = now() WHERE id = $1`, [id]);
  }

  /** Removes keys that were revoked or expired that long ago. @returns the number of keys */
  removeEnded(ms: number, limit: number): Promise<number> {
    return this.database.run(
      `DELETE FROM api_keys WHERE id = ANY (ARRAY(
         SELECT id FROM api_keys WHERE least(revoked_at, expires_at) < now() - $1 * interval '1 ms'
         LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [ms, limit],
    );
  }
}
