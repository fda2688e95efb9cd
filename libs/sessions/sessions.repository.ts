import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { RECORDED_TYPES_SQL, recordEventsSql } from '#events';
import { uuid7Sql } from '#ids';
import type { KeyCount } from '#sealing';
import type { OrderKey } from '#text';
import { PAYLOAD_SQL } from './session-events.js';
import type { SessionState } from './trading-session.entity.js';
import {
  SESSION_COLUMNS,
  type SessionKey,
  type SessionRow,
  type SessionSummary,
  SESSION_SUMMARY_COLUMNS,
} from './session-row.js';

export interface SealedToken {
  sealed: string;
  tokenEpoch: number;
  expiresAt: Date;
}

/** A session's sealed token with what it is bound to. */
export interface SealedTokenRow extends SessionKey {
  id: string;
  sealed: string;
}

export interface SessionFilter {
  userIds: readonly string[] | undefined;
  brokers: readonly string[] | undefined;
  states: readonly SessionState[] | undefined;
  sort: string;
  after: OrderKey | undefined;
  limit: number;
}

/** What each order is by. Times to the millisecond, as a cursor has them. */
const ORDERS = {
  createdAt: null,
  updatedAt: [`date_trunc('milliseconds', updated_at)`, 'timestamptz'],
  expiresAt: [`date_trunc('milliseconds', expires_at)`, 'timestamptz'],
  broker: ['broker COLLATE "C"', 'text'],
} as const;

const CLOSE = `
  WITH closed AS (
    UPDATE trading_sessions SET state = 'closed', is_active = false, access_token_sealed = NULL, token_fingerprint = NULL,
      updated_at = clock_timestamp()
    WHERE id = $1::uuid AND ($2::uuid IS NULL OR user_id = $2::uuid) AND state <> 'closed'
    RETURNING *
  ), ${recordEventsSql(`
    SELECT ${uuid7Sql('$3::timestamptz')}, 'SessionClosed', 1, broker, user_id, NULL::uuid, $4::text, NULL::uuid,
      ${PAYLOAD_SQL}, $3::timestamptz FROM closed`)}, feed AS (
    ${appendSql('sessions', 'id::text')} FROM closed
  )
  SELECT ${RECORDED_TYPES_SQL} FROM closed`;

/** SQL of trading_sessions, except the save and the expiry. */
@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<SessionRow | undefined> {
    const [row] = await this.database.prepared<SessionRow>(
      `SELECT ${SESSION_COLUMNS} FROM trading_sessions WHERE id = $1`,
      [id],
    );
    return row;
  }

  async findByKey({ userId, broker, account }: SessionKey): Promise<SessionRow | undefined> {
    const [row] = await this.database.prepared<SessionRow>(
      `SELECT ${SESSION_COLUMNS} FROM trading_sessions WHERE user_id = $1 AND broker = $2 AND account = $3`,
      [userId, broker, account],
    );
    return row;
  }

  /** One page. A filter that is undefined does not filter. */
  page({ userIds, brokers, states, sort, after, limit }: SessionFilter): Promise<SessionRow[]> {
    const params: unknown[] = [limit];
    const keyset = Database.keyset(params, sort, ORDERS, ['id', 'uuid'], after);
    const conditions = Database.conditions(params, [
      ['user_id = ANY ', userIds, 'uuid[]'],
      ['broker = ANY ', brokers, 'text[]'],
      ['state = ANY ', states, 'text[]'],
    ]);
    return this.database.rows<SessionRow>(
      `SELECT ${SESSION_COLUMNS} FROM trading_sessions
       WHERE ${['true', ...conditions, ...keyset.after].join(' AND ')} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  /** The sessions of all users in id order; depends on nothing but the snapshot it runs in. */
  summaries(): Promise<SessionSummary[]> {
    return this.database.prepared<SessionSummary>(
      `SELECT ${SESSION_SUMMARY_COLUMNS} FROM trading_sessions ORDER BY id`,
    );
  }

  /** The sealed token of an active session. A session in a promoted region may lack it until its user signs in at the broker again. */
  async sealedToken({ userId, broker, account }: SessionKey, now: Date): Promise<SealedToken | undefined> {
    const [row] = await this.database.prepared<SealedToken>(
      `SELECT access_token_sealed AS sealed, token_epoch AS "tokenEpoch", expires_at AS "expiresAt" FROM trading_sessions
       WHERE user_id = $1 AND broker = $2 AND account = $3 AND is_active AND expires_at > $4 AND access_token_sealed IS NOT NULL`,
      [userId, broker, account, now],
    );
    return row;
  }

  /** Closes a session, erases its token, and records event and change. @returns the types of the recorded events; undefined if it was not open */
  async close(
    id: string,
    ownerId: string | undefined,
    correlationId: string,
    now: Date,
  ): Promise<string[] | undefined> {
    const [closed] = await this.database.rows<{ recordedTypes: string[] }>(CLOSE, [
      id,
      ownerId ?? null,
      now,
      correlationId,
    ]);
    return closed?.recordedTypes;
  }

  /** Returns the next tokens after an id that another key sealed. */
  tokensSealedOtherwise(keyId: string, afterId: string | undefined, limit: number): Promise<SealedTokenRow[]> {
    return this.database.rows<SealedTokenRow>(
      `SELECT id, user_id AS "userId", broker, account, access_token_sealed AS sealed FROM trading_sessions
       WHERE split_part(access_token_sealed, ':', 2) <> $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [keyId, afterId ?? null, limit],
    );
  }

  countTokensByKey(): Promise<KeyCount[]> {
    return this.database.rows<KeyCount>(
      `SELECT split_part(access_token_sealed, ':', 2) AS "keyId", count(*)::integer AS count FROM trading_sessions
       WHERE access_token_sealed IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
  }

  /** Replaces a token if it has not changed since it was read. Nothing of it is shown, so no change is announced. */
  async replaceToken({ id, sealed }: SealedTokenRow, again: string, fingerprint: Buffer): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE trading_sessions SET access_token_sealed = $3, token_fingerprint = $4 WHERE id = $1 AND access_token_sealed = $2`,
      [id, sealed, again, fingerprint],
    );
    return changed > 0;
  }
}
