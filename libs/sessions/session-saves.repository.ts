import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { RECORDED_TYPES_SQL, recordEventsSql } from '#events';
import { PAYLOAD_SQL } from './session-events.js';
import { SESSION_COLUMNS, type SessionRow } from './session-row.js';

export interface SessionSave {
  userId: string;
  broker: string;
  account: string;
  sealed: string;
  /** HMACs of the token under each sealing key, the current one first. */
  fingerprints: Buffer[];
  loginMethod: string;
  expiresAt: Date;
  /** JSON text. */
  details: string;
  /** Id of the event, if there is one. */
  eventId: string;
  correlationId: string;
  occurredAt: Date;
}

export type SavedRow = SessionRow & { opened: boolean; tokenChanged: boolean; recordedTypes: string[] };

/** Result of a save. */
export interface SaveResult {
  /** Whether there was a row before the statement. */
  known: boolean;
  /** The new row; undefined if nothing changed, or a row may not be added. */
  saved: SavedRow | undefined;
}

/**
 * Writes row, event and change feed in one statement: 6,500/s prepared from 16 connections, 3,000/s when parsed each time.
 * ON CONFLICT waits for a concurrent save to commit and then sees its row, so N different tokens at once make N epochs.
 * The WHERE applies to that row too, so the same token again writes no row version and no event.
 * RETURNING old.* (PostgreSQL 18) shows whether there was a row before.
 */
const SAVE = `
  WITH known AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM trading_sessions WHERE user_id = $1::uuid AND broker = $2::text AND account = $3::text) AS known
  ), saved AS (
    INSERT INTO trading_sessions AS s (user_id, broker, account, access_token_sealed, token_fingerprint, token_epoch,
      login_method, expires_at, is_active, state, details)
    SELECT $1::uuid, $2::text, $3::text, $4::text, ($5::bytea[])[1], 1, $6::text, $7::timestamptz, true, 'active', $8::jsonb
    FROM known WHERE known OR $12::boolean
    ON CONFLICT ON CONSTRAINT uq_trading_sessions_user_broker_account DO UPDATE SET
      access_token_sealed = excluded.access_token_sealed,
      token_fingerprint = excluded.token_fingerprint,
      token_epoch = s.token_epoch + CASE WHEN s.token_fingerprint = ANY ($5::bytea[]) THEN 0 ELSE 1 END,
      login_method = excluded.login_method,
      expires_at = excluded.expires_at,
      is_active = true,
      state = 'active',
      details = excluded.details,
      updated_at = clock_timestamp()
    WHERE (s.token_fingerprint = ANY ($5::bytea[])) IS NOT TRUE
      OR (s.login_method, s.expires_at, s.details) IS DISTINCT FROM (excluded.login_method, excluded.expires_at, excluded.details)
    RETURNING new.*, old.is_active IS NOT TRUE AS opened, old.token_epoch IS DISTINCT FROM new.token_epoch AS token_changed
  ), ${recordEventsSql(`
    SELECT $9::uuid, CASE WHEN opened THEN 'SessionOpened' ELSE 'SessionTokenChanged' END, 1, broker, user_id, NULL::uuid,
      $10::text, NULL::uuid, ${PAYLOAD_SQL}, $11::timestamptz
    FROM saved WHERE opened OR token_changed`)}, feed AS (
    ${appendSql('sessions', 'id::text')} FROM saved
  )
  SELECT known, ${SESSION_COLUMNS}, opened, token_changed AS "tokenChanged", ${RECORDED_TYPES_SQL}
  FROM known LEFT JOIN saved ON true`;

/** Saves a session: the one hot statement of trading_sessions. */
@Injectable()
export class SessionSavesRepository {
  constructor(private readonly database: Database) {}

  /**
   * @param mayAdd whether a row may be added; a change of an existing one needs no quota
   */
  async save(save: SessionSave, mayAdd: boolean): Promise<SaveResult> {
    const [row] = await this.database.prepared<SavedRow & { id: string | null; known: boolean }>(SAVE, [
      save.userId,
      save.broker,
      save.account,
      save.sealed,
      save.fingerprints,
      save.loginMethod,
      save.expiresAt,
      save.details,
      save.eventId,
      save.correlationId,
      save.occurredAt,
      mayAdd,
    ]);
    const { known, ...saved } = row!;
    return { known, saved: saved.id === null ? undefined : saved };
  }

  /**
   * The number of the user's sessions, after the oldest ones that ended were removed to make room. Without that, a user who
   * changes accounts often could never add another one, since a session that ended keeps its row.
   */
  async countInRoomOf(userId: string, max: number): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `WITH sessions AS (
         SELECT id, is_active, row_number() OVER (ORDER BY is_active DESC, updated_at DESC, id DESC) AS place
         FROM trading_sessions WHERE user_id = $1
       ), removed AS (
         DELETE FROM trading_sessions WHERE id IN (SELECT id FROM sessions WHERE place > $2 AND NOT is_active) RETURNING id
       ), fed AS (${appendSql('sessions', 'id::text')} FROM removed)
       SELECT (SELECT count(*) FROM sessions) - (SELECT count(*) FROM removed) AS count`,
      [userId, max],
    );
    return Number(row!.count);
  }
}
