import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { KeptAnswer } from './kept-answer.js';

/** A request with a key. */
export interface KeyedRequest {
  /** UUID of the sender. Owners have separate keys. */
  ownerId: string;
  key: string;
  /** Method and path. */
  operation: string;
  fingerprint: Buffer;
}

/** A key that was used before, with its answer. */
export interface UsedKey extends KeptAnswer {
  operation: string;
  fingerprint: Buffer;
  isExpired: boolean;
}

/** All SQL on `idempotency_keys`. Times are the database's, so all processes agree on them. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly database: Database) {}

  /**
   * Waits up to lock_timeout for another transaction that uses the key. If that one rolls back, the key is free.
   * @returns whether the key is now this transaction's
   */
  async claim(request: KeyedRequest, retentionMs: number): Promise<boolean> {
    const rows = await this.database.prepared(
      `INSERT INTO idempotency_keys (owner_id, key, operation, fingerprint, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
       ON CONFLICT ON CONSTRAINT pk_idempotency_keys DO NOTHING RETURNING 1`,
      [request.ownerId, request.key, request.operation, request.fingerprint, retentionMs],
    );
    return rows.length > 0;
  }

  /** Takes an expired key that is not yet removed. Of two concurrent attempts one succeeds. */
  async takeOver(request: KeyedRequest, retentionMs: number): Promise<boolean> {
    const taken = await this.database.run(
      `UPDATE idempotency_keys
       SET operation = $3, fingerprint = $4, status = NULL, answer = NULL, answer_bytes = 0, left_out = NULL,
           created_at = now(), expires_at = now() + $5 * interval '1 millisecond'
       WHERE owner_id = $1 AND key = $2 AND expires_at <= now()`,
      [request.ownerId, request.key, request.operation, request.fingerprint, retentionMs],
    );
    return taken > 0;
  }

  async find(ownerId: string, key: string): Promise<UsedKey | undefined> {
    const [used] = await this.database.prepared<UsedKey>(
      `SELECT operation, fingerprint, status, answer AS json, left_out AS "leftOut", expires_at <= now() AS "isExpired"
       FROM idempotency_keys WHERE owner_id = $1 AND key = $2 AND status IS NOT NULL`,
      [ownerId, key],
    );
    return used;
  }

  async keep(ownerId: string, key: string, { status, json, leftOut }: KeptAnswer): Promise<void> {
    await this.database.prepared(
      `UPDATE idempotency_keys SET status = $3, answer = $4, answer_bytes = coalesce(octet_length($4), 0), left_out = $5
       WHERE owner_id = $1 AND key = $2`,
      [ownerId, key, status, json, leftOut],
    );
  }

  /** Removes up to `limit` expired keys, except those being taken over. @returns how many */
  async deleteExpired(limit: number): Promise<number> {
    return this.database.run(
      `DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
         SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
      [limit],
    );
  }

  /** Owners above their share. Does not read the answers: from 2 KB on PostgreSQL stores them apart, in TOAST. */
  async findHeavy(maxKeys: number, maxBytes: number): Promise<string[]> {
    const heavy = await this.database.rows<{ ownerId: string }>(
      `SELECT owner_id AS "ownerId" FROM idempotency_keys GROUP BY owner_id HAVING count(*) > $1 OR sum(answer_bytes) > $2`,
      [maxKeys, maxBytes],
    );
    return heavy.map(({ ownerId }) => ownerId);
  }

  /** Removes up to `limit` of an owner's oldest keys above the `maxKeys` newest. */
  async deleteBeyond(ownerId: string, maxKeys: number, limit: number): Promise<number> {
    return this.database.run(
      `DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
         SELECT owner_id, key FROM idempotency_keys WHERE owner_id = $1
         ORDER BY created_at DESC, key OFFSET $2 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
      [ownerId, maxKeys, limit],
    );
  }

  /** Drops up to `limit` of an owner's oldest answers above the `maxBytes` newest; the keys stay, so no effect is repeated. */
  async dropAnswersBeyond(ownerId: string, maxBytes: number, limit: number): Promise<number> {
    return this.database.run(
      `UPDATE idempotency_keys SET answer = NULL, answer_bytes = 0, left_out = coalesce(left_out, 'size')
       WHERE (owner_id, key) IN (
         SELECT owner_id, key FROM (
           SELECT owner_id, key, answer_bytes, sum(answer_bytes) OVER (ORDER BY created_at DESC, key) AS newer
           FROM idempotency_keys WHERE owner_id = $1) AS kept
         WHERE newer > $2 AND answer_bytes > 0 LIMIT $3)`,
      [ownerId, maxBytes, limit],
    );
  }
}
