import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CycleOutcome, ItemWarning } from '../sources/feed-source.js';

/** A row of feed_cycles. */
export interface CycleRow {
  id: string;
  sourceId: string;
  startedAt: Date;
  finishedAt: Date;
  outcome: CycleOutcome;
  httpStatus: number | null;
  bytes: number;
  entries: number;
  fresh: number;
  unalerted: number;
  revised: number;
  seen: number;
  unreadable: number;
  warnings: ItemWarning[];
  error: string | null;
  fetchMs: number;
  parseMs: number;
  recordMs: number;
  correlationId: string | null;
}

export interface CycleFilter {
  outcomes: readonly CycleOutcome[] | undefined;
  /** First id of the range, and the first one after it. */
  fromId: string | undefined;
  toId: string | undefined;
  /** Id of the last cycle of the page before. */
  after: string | undefined;
  oldestFirst: boolean;
  limit: number;
}

/** Figures of a source's last hundred cycles. */
export interface CycleStatistics {
  sourceId: string;
  cycles: number;
  failed: number;
  unchanged: number;
  entries: number;
  seen: number;
  totalMs: number;
  p95Ms: number;
}

const COLUMNS = `c.id, c.source_id AS "sourceId", c.started_at AS "startedAt", c.finished_at AS "finishedAt", c.outcome, c.http_status AS "httpStatus",
  c.bytes, c.entries, c.fresh, c.unalerted, c.revised, c.seen, c.unreadable, c.warnings, c.error, c.fetch_ms AS "fetchMs", c.parse_ms AS "parseMs",
  c.record_ms AS "recordMs", c.correlation_id AS "correlationId"`;

/** The records of cycles. */
@Injectable()
export class FeedCyclesRepository {
  constructor(private readonly database: Database) {}

  async insert(cycle: Omit<CycleRow, 'id'>): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>(
      `INSERT INTO feed_cycles (source_id, started_at, finished_at, outcome, http_status, bytes, entries, fresh, revised, seen, unreadable,
         warnings, error, fetch_ms, parse_ms, record_ms, correlation_id, unalerted)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id`,
      [
        cycle.sourceId,
        cycle.startedAt,
        cycle.finishedAt,
        cycle.outcome,
        cycle.httpStatus,
        cycle.bytes,
        cycle.entries,
        cycle.fresh,
        cycle.revised,
        cycle.seen,
        cycle.unreadable,
        JSON.stringify(cycle.warnings),
        cycle.error,
        cycle.fetchMs,
        cycle.parseMs,
        cycle.recordMs,
        cycle.correlationId,
        cycle.unalerted,
      ],
    );
    return row!.id;
  }

  /** Returns the last cycles of each source, newest first. */
  latest(sourceIds: readonly string[], each: number): Promise<CycleRow[]> {
    return this.database.rows<CycleRow>(
      `SELECT ${COLUMNS} FROM unnest($1::uuid[]) AS w(id)
         JOIN LATERAL (SELECT * FROM feed_cycles c WHERE c.source_id = w.id ORDER BY c.id DESC LIMIT $2) c ON true
        ORDER BY c.id DESC`,
      [sourceIds, each],
    );
  }

  /** Returns cycles of a source by the time at which they were recorded. */
  page(sourceId: string, filter: CycleFilter): Promise<CycleRow[]> {
    const params: unknown[] = [filter.limit];
    const conditions = Database.conditions(params, [
      ['c.source_id = ', sourceId, 'uuid'],
      ['c.outcome = ANY ', filter.outcomes, 'text[]'],
      ['c.id >= ', filter.fromId, 'uuid'],
      ['c.id < ', filter.toId, 'uuid'],
      [filter.oldestFirst ? 'c.id > ' : 'c.id < ', filter.after, 'uuid'],
    ]);
    return this.database.rows<CycleRow>(
      `SELECT ${COLUMNS} FROM feed_cycles c WHERE ${conditions.join(' AND ')}
       ORDER BY c.id ${filter.oldestFirst ? 'ASC' : 'DESC'} LIMIT $1`,
      params,
    );
  }

  statistics(sourceIds: readonly string[]): Promise<CycleStatistics[]> {
    return this.database.rows<CycleStatistics>(
      `SELECT w.id AS "sourceId", count(*)::int AS cycles, count(*) FILTER (WHERE outcome = 'failed')::int AS failed,
              count(*) FILTER (WHERE outcome = 'unchanged')::int AS unchanged, sum(entries)::int AS entries, sum(seen)::int AS seen,
              sum(total)::int AS "totalMs", percentile_disc(0.95) WITHIN GROUP (ORDER BY total)::int AS "p95Ms"
         FROM unnest($1::uuid[]) AS w(id)
         JOIN LATERAL (SELECT *, fetch_ms + parse_ms + record_ms AS total FROM feed_cycles c WHERE c.source_id = w.id ORDER BY c.id DESC LIMIT 100) c ON true
        GROUP BY w.id`,
      [sourceIds],
    );
  }
}
