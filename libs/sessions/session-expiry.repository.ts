import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { RECORDED_TYPES_SQL, recordEventsSql } from '#events';
import { uuid7Sql } from '#ids';
import { PAYLOAD_SQL } from './session-events.js';

const BATCH = 1_000;

/** Number of sessions that changed state. */
export interface Moved {
  expiring: number;
  expired: number;
}

export interface Outlook {
  active: number;
  /** Time of the next state change of a session. Null if there is none. */
  nextAt: Date | null;
}

/** $1 now, $2 the warning in ms. A session that expired before it was announced as expiring is not announced any more. */
const DUE = `is_active AND expires_at <= $1::timestamptz + $2 * interval '1 ms'
  AND (state = 'active' OR expires_at <= $1::timestamptz)`;

/**
 * Locks rows in id order and skips locked ones, so two processes share the work and cannot deadlock. A row that a save
 * holds is skipped; if it is still due, the next tick moves it. One statement writes the row, its event and its change,
 * so each is recorded exactly once, whatever the number of processes.
 */
const MOVE = `
  WITH due AS (
    SELECT id FROM trading_sessions WHERE ${DUE} ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
  ), moved AS (
    UPDATE trading_sessions AS s SET
      state = CASE WHEN s.expires_at <= $1::timestamptz THEN 'expired' ELSE 'expiring' END,
      is_active = s.expires_at > $1::timestamptz,
      access_token_sealed = CASE WHEN s.expires_at > $1::timestamptz THEN s.access_token_sealed END,
      updated_at = clock_timestamp()
    FROM due WHERE s.id = due.id
    RETURNING s.*
  ), ${recordEventsSql(`
    SELECT ${uuid7Sql('$1::timestamptz')}, CASE state WHEN 'expired' THEN 'SessionExpired' ELSE 'SessionExpiring' END,
      1, broker, user_id, NULL::uuid, $3::text, NULL::uuid, ${PAYLOAD_SQL}, $1::timestamptz FROM moved`)}, feed AS (
    ${appendSql('sessions', 'id::text')} FROM moved
  )
  SELECT count(*) FILTER (WHERE state = 'expiring')::integer AS expiring, count(*) FILTER (WHERE state = 'expired')::integer AS expired,
    ${RECORDED_TYPES_SQL}
  FROM moved`;

const OUTLOOK = `
  SELECT (SELECT count(*)::integer FROM trading_sessions WHERE is_active) AS active,
    least(
      (SELECT min(expires_at) FROM trading_sessions WHERE is_active AND state = 'active') - $1 * interval '1 ms',
      (SELECT min(expires_at) FROM trading_sessions WHERE is_active AND state = 'expiring')
    ) AS "nextAt"`;

/** Moves sessions whose time has come. */
@Injectable()
export class SessionExpiryRepository {
  constructor(private readonly database: Database) {}

  /** Moves up to 1,000 sessions whose time has come. */
  async move(
    now: Date,
    warningMs: number,
    correlationId: string,
  ): Promise<Moved & { recordedTypes: string[]; full: boolean }> {
    const [row] = await this.database.prepared<Moved & { recordedTypes: string[] }>(MOVE, [
      now,
      warningMs,
      correlationId,
    ]);
    return { ...row!, full: row!.expiring + row!.expired === BATCH };
  }

  async outlook(warningMs: number): Promise<Outlook> {
    const [row] = await this.database.prepared<Outlook>(OUTLOOK, [warningMs]);
    return row!;
  }
}
