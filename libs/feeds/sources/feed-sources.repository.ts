import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { CycleOutcome, FeedKind, SourceSettings } from './feed-source.js';
import type { FeedCondition, FeedState } from './feed-state.js';
import { SOURCE_COLUMNS, type SourceRow } from './source-row.js';

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
  timeZone: string | null;
  alertOnFirst: number;
  cadenceMs: number;
  expectedEveryMs: number | null;
  emptyLimit: number | null;
  requestsPerSecond: number;
  headers: Record<string, string>;
  settings: SourceSettings;
  enabled: boolean;
  isDemo: boolean;
}

/** The SQL of sources and their states. */
@Injectable()
export class FeedSourcesRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<SourceRow[]> {
    return this.database.rows<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM feed_sources s ORDER BY s.name`);
  }

  /** Returns all sources with their last cycle, by name. Depends on the snapshot only. */
  overview(): Promise<FeedOverview[]> {
    return this.database.rows<FeedOverview>(
      `SELECT ${SOURCE_COLUMNS}, c.outcome AS "lastOutcome", c.fresh AS "lastFresh", c.fetch_ms + c.parse_ms + c.record_ms AS "lastTotalMs"
         FROM feed_sources s
         LEFT JOIN LATERAL (SELECT * FROM feed_cycles c WHERE c.source_id = s.id ORDER BY c.id DESC LIMIT 1) c ON true
        ORDER BY s.name`,
    );
  }

  async find(id: string): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM feed_sources s WHERE s.id = $1`, [id])
    )[0];
  }

  async findByName(name: string): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM feed_sources s WHERE s.name = $1`, [name])
    )[0];
  }

  /** As find(), and locks the row until the transaction ends. */
  async lock(id: string): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM feed_sources s WHERE s.id = $1 FOR UPDATE`, [
        id,
      ])
    )[0];
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(`SELECT count(*)::int AS count FROM feed_sources`);
    return row!.count;
  }

  async insert(source: SourceWrite): Promise<SourceRow> {
    const [row] = await this.database.rows<SourceRow>(
      `INSERT INTO feed_sources AS s (name, kind, url, venue, cadence_ms, expected_every_ms, empty_limit, requests_per_second, headers, settings, enabled, is_demo, time_zone, alert_on_first)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING ${SOURCE_COLUMNS}`,
      writeParams(source),
    );
    return row!;
  }

  /**
   * Clears the validators, because another URL or header may return another document.
   * @param isOther the items are others or have other identities, so the next cycle is the first contact
   */
  async update(id: string, source: SourceWrite, isOther: boolean): Promise<SourceRow | undefined> {
    const [row] = await this.database.rows<SourceRow>(
      `UPDATE feed_sources AS s SET name = $1, kind = $2, url = $3, venue = $4, cadence_ms = $5::integer, expected_every_ms = $6, empty_limit = $7,
         requests_per_second = $8, headers = $9, settings = $10, enabled = $11, is_demo = $12, time_zone = $13, alert_on_first = $14,
         etag = NULL, last_modified = NULL, body_digest = NULL, gone_at = NULL,
         moved_to = CASE WHEN s.url = $3 THEN s.moved_to END, first_read_at = CASE WHEN $16 THEN NULL ELSE s.first_read_at END,
         next_run_at = least(s.next_run_at, now() + $5::integer * interval '1 ms'), updated_at = now()
       WHERE s.id = $15 RETURNING ${SOURCE_COLUMNS}`,
      [...writeParams(source), id, isOther],
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

  /** Makes a source due at once, also one that no longer existed. @returns whether it exists and is enabled */
  async hasten(id: string): Promise<boolean> {
    return (
      (await this.database.run(
        `UPDATE feed_sources SET next_run_at = now(), gone_at = NULL WHERE id = $1 AND enabled`,
        [id],
      )) > 0
    );
  }

  async writeState(id: string, state: FeedState, raised: readonly FeedCondition[]): Promise<void> {
    await this.database.run(`UPDATE feed_sources SET state = $2, raised = $3 WHERE id = $1`, [id, state, raised]);
  }
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
    source.timeZone,
    source.alertOnFirst,
  ];
}
