import type { SqlRunner } from '../clusters/cluster.client.js';

/** A logical replication slot of the database, as the primary sees it. */
export interface SlotView {
  slot: string;
  /** A subscriber is connected. */
  active: boolean;
  inactiveSince: Date | null;
  /** Written, but not confirmed by the subscriber, in bytes of the write-ahead log; null if the slot is lost. */
  lagBytes: number | null;
  /** Age of the oldest heartbeat that the subscriber has not confirmed. */
  lagSeconds: number;
  /** Size of the write-ahead log that the slot keeps. */
  retainedBytes: number | null;
}

/** The write position; that of a standby is where it has replayed to. */
const WAL = `(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)`;

/** Slots and heartbeats of the primary. */
export class SlotsRepository {
  constructor(private readonly primary: SqlRunner) {}

  /** Without the slots of a first copy, which live as long as the copy of their table. */
  list(): Promise<SlotView[]> {
    return this.primary.rows<SlotView>(
      `SELECT s.slot_name AS slot, s.active, s.inactive_since AS "inactiveSince",
         greatest(pg_wal_lsn_diff(${WAL}, s.confirmed_flush_lsn), 0)::float8 AS "lagBytes",
         greatest(pg_wal_lsn_diff(${WAL}, s.restart_lsn), 0)::float8 AS "retainedBytes",
         greatest(coalesce((SELECT extract(epoch FROM clock_timestamp() - min(b.at)) FROM replication_beats b
           WHERE b.wal > (s.confirmed_flush_lsn - '0/0'::pg_lsn)::bigint), 0), 0)::float8 AS "lagSeconds"
       FROM pg_replication_slots s
       WHERE s.slot_type = 'logical' AND s.database = current_database() AND s.slot_name !~ '^pg_[0-9]+_sync_' ORDER BY 1`,
    );
  }

  /** Writes a heartbeat if there is a slot, and if none was written within `everyMs` by another process. */
  async beat(everyMs: number): Promise<void> {
    await this.primary.rows(
      `INSERT INTO replication_beats (at, wal)
       SELECT clock_timestamp(), (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
       WHERE EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database())
         AND NOT EXISTS (SELECT FROM replication_beats WHERE at > clock_timestamp() - $1 * interval '1 ms')
       ON CONFLICT DO NOTHING`,
      [everyMs],
    );
  }

  async position(): Promise<string> {
    const [row] = await this.primary.rows<{ lsn: string }>(`SELECT pg_current_wal_lsn()::text AS lsn`);
    return row!.lsn;
  }

  /** Whether the subscriber of the slot has confirmed everything up to the position. */
  async hasConfirmed(slot: string, lsn: string): Promise<boolean> {
    const [row] = await this.primary.rows<{ done: boolean }>(
      `SELECT coalesce(confirmed_flush_lsn >= $2::pg_lsn, false) AS done FROM pg_replication_slots WHERE slot_name = $1`,
      [slot, lsn],
    );
    return row?.done === true;
  }

  async isActive(slot: string): Promise<boolean> {
    const [row] = await this.primary.rows<{ active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = $1`,
      [slot],
    );
    return row?.active === true;
  }

  /** The messages (pgoutput) of the first transactions that the slot holds. Changes nothing. The slot must not be active. */
  async peek(slot: string, publication: string, changes: number): Promise<Buffer[]> {
    const rows = await this.primary.rows<{ data: Buffer }>(
      `SELECT data FROM pg_logical_slot_peek_binary_changes($1, NULL, $3, 'proto_version', '1', 'publication_names', $2)`,
      [slot, publication, changes],
    );
    return rows.map(({ data }) => data);
  }
}
