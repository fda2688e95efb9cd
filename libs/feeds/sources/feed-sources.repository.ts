import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { VenueHours, VenueName } from '#venues';
import type { CycleOutcome, FeedKind, SourceSettings } from './feed-source.js';
import type { FeedCondition, FeedHistory, FeedState } from './feed-state.js';

/** A row of feed_sources. */
export interface SourceRow {
  id: string;
  name: string;
  kind: FeedKind;
  url: string;
  venue: VenueName | null;
  cadenceMs: number;
  expectedEveryMs: number | null;
  emptyLimit: number | null;
  requestsPerSecond: number;
  headers: Record<string, string>;
  settings: SourceSettings;
  enabled: boolean;
  isDemo: boolean;
  state: FeedState;
  raised: FeedCondition[];
  etag: string | null;
  lastModified: string | null;
  bodyDigest: string | null;
  consecutiveEmpty: number;
  consecutiveFailures: number;
  unfinished: number;
  lastCycleAt: Date | null;
  lastSuccessAt: Date | null;
  lastItemAt: Date | null;
  lastError: string | null;
  nextRunAt: Date;
  createdAt: Date;
}

/** A source that this process has leased. */
export interface LeasedSource extends SourceRow {
  owner: string;
}

/** A source on screens: the stored row and its last cycle. */
export interface FeedOverview extends SourceRow {
  lastOutcome: CycleOutcome | null;
  lastFresh: number | null;
  lastTotalMs: number | null;
}

export interface SourceWrite {
  name: string;
  kind: FeedKind;
  url: string;
  venue: string | null;
  cadenceMs: number;
  expectedEveryMs: number | null;
  emptyLimit: number | null;
  requestsPerSecond: number;
  headers: Record<string, string>;
  settings: SourceSettings;
  enabled: boolean;
  isDemo: boolean;
}

/** The values written at the end of a cycle. */
export interface SourceProgress {
  success: boolean;
  fresh: boolean;
  /** Whether the answer was complete, and neither 304 nor the same bytes. */
  body: boolean;
  consecutiveEmpty: number;
  consecutiveFailures: number;
  state: FeedState;
  raised: FeedCondition[];
  etag: string | null;
  lastModified: string | null;
  bodyDigest: string | null;
  error: string | null;
  nextInMs: number;
}

const COLUMNS = `s.id, s.name, s.kind, s.url, s.venue, s.cadence_ms AS "cadenceMs", s.expected_every_ms AS "expectedEveryMs",
  s.empty_limit AS "emptyLimit", s.requests_per_second AS "requestsPerSecond", s.headers, s.settings, s.enabled, s.is_demo AS "isDemo",
  s.state, s.raised, s.etag, s.last_modified AS "lastModified", s.body_digest AS "bodyDigest", s.consecutive_empty AS "consecutiveEmpty",
  s.consecutive_failures AS "consecutiveFailures", s.unfinished, s.last_cycle_at AS "lastCycleAt", s.last_success_at AS "lastSuccessAt",
  s.last_item_at AS "lastItemAt", s.last_error AS "lastError", s.next_run_at AS "nextRunAt", s.created_at AS "createdAt"`;

/** The SQL of sources: leases and states. */
@Injectable()
export class FeedSourcesRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<SourceRow[]> {
    return this.database.rows<SourceRow>(`SELECT ${COLUMNS} FROM feed_sources s ORDER BY s.name`);
  }

  /** Returns all sources with their last cycle, by name. Depends on the snapshot only. */
  overview(): Promise<FeedOverview[]> {
    return this.database.rows<FeedOverview>(
      `SELECT ${COLUMNS}, c.outcome AS "lastOutcome", c.fresh AS "lastFresh", c.fetch_ms + c.parse_ms + c.record_ms AS "lastTotalMs"
         FROM feed_sources s
         LEFT JOIN LATERAL (SELECT * FROM feed_cycles c WHERE c.source_id = s.id ORDER BY c.id DESC LIMIT 1) c ON true
        ORDER BY s.name`,
    );
  }

  async find(id: string): Promise<SourceRow | undefined> {
    return (await this.database.rows<SourceRow>(`SELECT ${COLUMNS} FROM feed_sources s WHERE s.id = $1`, [id]))[0];
  }

  async findByName(name: string): Promise<SourceRow | undefined> {
    return (await this.database.rows<SourceRow>(`SELECT ${COLUMNS} FROM feed_sources s WHERE s.name = $1`, [name]))[0];
  }

  /** As find(), and locks the row until the transaction ends. */
  async lock(id: string): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(`SELECT ${COLUMNS} FROM feed_sources s WHERE s.id = $1 FOR UPDATE`, [id])
    )[0];
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(`SELECT count(*)::int AS count FROM feed_sources`);
    return row!.count;
  }

  async insert(source: SourceWrite): Promise<SourceRow> {
    const [row] = await this.database.rows<SourceRow>(
      `INSERT INTO feed_sources AS s (name, kind, url, venue, cadence_ms, expected_every_ms, empty_limit, requests_per_second, headers, settings, enabled, is_demo)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
      writeParams(source),
    );
    return row!;
  }

  /** Clears the validators, because another URL or header may return another document. */
  async update(id: string, source: SourceWrite): Promise<SourceRow | undefined> {
    const [row] = await this.database.rows<SourceRow>(
      `UPDATE feed_sources AS s SET name = $1, kind = $2, url = $3, venue = $4, cadence_ms = $5::integer, expected_every_ms = $6, empty_limit = $7,
         requests_per_second = $8, headers = $9, settings = $10, enabled = $11, is_demo = $12, etag = NULL, last_modified = NULL, body_digest = NULL,
         next_run_at = least(s.next_run_at, now() + $5::integer * interval '1 ms'), updated_at = now()
       WHERE s.id = $13 RETURNING ${COLUMNS}`,
      [...writeParams(source), id],
    );
    return row;
  }

  remove(id: string): Promise<number> {
    return this.database.run(`DELETE FROM feed_sources WHERE id = $1`, [id]);
  }

  /** Returns the events of demo sources. */
  async demoEvents(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT DISTINCT i.event_id AS id FROM feed_seen_items i JOIN feed_sources s ON s.id = i.source_id WHERE s.is_demo AND i.event_id IS NOT NULL`,
    );
    return rows.map(({ id }) => id);
  }

  /** Removes the demo sources, for `demo clear`. @returns their ids */
  async removeDemo(): Promise<string[]> {
    return (await this.database.rows<{ id: string }>(`DELETE FROM feed_sources WHERE is_demo RETURNING id`)).map(
      ({ id }) => id,
    );
  }

  /** Makes a source due at once. @returns whether it exists and is enabled */
  async hasten(id: string): Promise<boolean> {
    return (await this.database.run(`UPDATE feed_sources SET next_run_at = now() WHERE id = $1 AND enabled`, [id])) > 0;
  }

  /**
   * Leases due sources, oldest first. Two processes never get the same. A cycle counts as unfinished until it ends, so a killed process
   * leaves a trace, and the source is due again only after its lease.
   */
  async lease(owner: string, limit: number, leaseMs: number): Promise<LeasedSource[]> {
    const rows = await this.database.prepared<SourceRow>(
      `UPDATE feed_sources s SET lease_owner = $1, lease_until = now() + $3 * interval '1 ms', unfinished = s.unfinished + 1
        WHERE s.id IN (
          SELECT id FROM feed_sources
           WHERE enabled AND next_run_at <= now() AND (lease_until IS NULL OR lease_until < now())
           ORDER BY next_run_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [owner, limit, leaseMs],
    );
    return rows.map((row) => ({ ...row, owner }));
  }

  /** Leases a source for a replay, also if it is not due or disabled. @returns undefined while another process has leased it */
  async leaseOne(id: string, owner: string, leaseMs: number): Promise<LeasedSource | undefined> {
    const [row] = await this.database.rows<SourceRow>(
      `UPDATE feed_sources s SET lease_owner = $1, lease_until = now() + $3 * interval '1 ms', unfinished = s.unfinished + 1
        WHERE s.id = $2 AND (s.lease_until IS NULL OR s.lease_until < now()) RETURNING ${COLUMNS}`,
      [owner, id, leaseMs],
    );
    return row && { ...row, owner };
  }

  /** Extends a lease. @returns whether it still belongs to the owner */
  async renew({ id, owner }: LeasedSource, leaseMs: number): Promise<boolean> {
    const sql = `UPDATE feed_sources SET lease_until = now() + $3 * interval '1 ms' WHERE id = $1 AND lease_owner = $2`;
    return (await this.database.run(sql, [id, owner, leaseMs])) > 0;
  }

  /** Ends a lease without a result, because the fault was not the source's. */
  async handBack({ id, owner }: LeasedSource, nextInMs: number): Promise<void> {
    await this.database.run(
      `UPDATE feed_sources SET lease_owner = NULL, lease_until = NULL, unfinished = greatest(0, unfinished - 1), next_run_at = now() + $3 * interval '1 ms'
        WHERE id = $1 AND lease_owner = $2`,
      [id, owner, nextInMs],
    );
  }

  /** Locks the row at the end of a cycle, if the lease still belongs to the owner. */
  async lockLeased({ id, owner }: LeasedSource): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(
        `SELECT ${COLUMNS} FROM feed_sources s WHERE s.id = $1 AND s.lease_owner = $2 FOR UPDATE`,
        [id, owner],
      )
    )[0];
  }

  async finish(id: string, progress: SourceProgress, at: Date): Promise<void> {
    await this.database.run(
      `UPDATE feed_sources SET lease_owner = NULL, lease_until = NULL, unfinished = 0, last_cycle_at = $2::timestamptz,
         last_success_at = CASE WHEN $3 THEN $2 ELSE last_success_at END, last_item_at = CASE WHEN $4 THEN $2 ELSE last_item_at END,
         last_body_at = CASE WHEN $5 THEN $2 ELSE last_body_at END,
         consecutive_empty = $6, consecutive_failures = $7, state = $8, raised = $9, etag = $10, last_modified = $11, body_digest = $12,
         last_error = $13, next_run_at = $2::timestamptz + $14 * interval '1 ms'
       WHERE id = $1`,
      [
        id,
        at,
        progress.success,
        progress.fresh,
        progress.body,
        progress.consecutiveEmpty,
        progress.consecutiveFailures,
        progress.state,
        progress.raised,
        progress.etag,
        progress.lastModified,
        progress.bodyDigest,
        progress.error,
        progress.nextInMs,
      ],
    );
  }

  async writeState(id: string, state: FeedState, raised: readonly FeedCondition[]): Promise<void> {
    await this.database.run(`UPDATE feed_sources SET state = $2, raised = $3 WHERE id = $1`, [id, state, raised]);
  }
}

export function historyOf(source: SourceRow, hours: VenueHours): FeedHistory {
  return {
    ...source,
    hours,
    createdAt: source.createdAt.getTime(),
    lastSuccessAt: source.lastSuccessAt?.getTime() ?? null,
    lastItemAt: source.lastItemAt?.getTime() ?? null,
  };
}

function writeParams(source: SourceWrite): unknown[] {
  return [
    source.name,
    source.kind,
    source.url,
    source.venue,
    source.cadenceMs,
    source.expectedEveryMs,
    source.emptyLimit,
    source.requestsPerSecond,
    source.headers,
    source.settings,
    source.enabled,
    source.isDemo,
  ];
}
