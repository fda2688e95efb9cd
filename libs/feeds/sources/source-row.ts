import type { VenueHours, VenueName } from '#venues';
import type { FeedKind, SourceSettings } from './feed-source.js';
import type { FeedCondition, FeedHistory, FeedState } from './feed-state.js';

/** A row of feed_sources. */
export interface SourceRow {
  id: string;
  name: string;
  kind: FeedKind;
  url: string;
  venue: VenueName | null;
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
  /** URL to which the server has moved the feed for good. */
  movedTo: string | null;
  /** When the server said that the feed no longer exists. */
  goneAt: Date | null;
  /** When the feed was first read. Null: what it holds was there before it was added. */
  firstReadAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a SourceRow, from `feed_sources s`. */
export const SOURCE_COLUMNS = `s.id, s.name, s.kind, s.url, s.venue, s.time_zone AS "timeZone", s.alert_on_first AS "alertOnFirst", s.cadence_ms AS "cadenceMs", s.expected_every_ms AS "expectedEveryMs",
  s.empty_limit AS "emptyLimit", s.requests_per_second AS "requestsPerSecond", s.headers, s.settings, s.enabled, s.is_demo AS "isDemo",
  s.state, s.raised, s.etag, s.last_modified AS "lastModified", s.body_digest AS "bodyDigest", s.consecutive_empty AS "consecutiveEmpty",
  s.consecutive_failures AS "consecutiveFailures", s.unfinished, s.last_cycle_at AS "lastCycleAt", s.last_success_at AS "lastSuccessAt",
  s.last_item_at AS "lastItemAt", s.last_error AS "lastError", s.next_run_at AS "nextRunAt", s.moved_to AS "movedTo", s.gone_at AS "goneAt",
  s.first_read_at AS "firstReadAt", s.created_at AS "createdAt", s.updated_at AS "updatedAt"`;

export function historyOf(source: SourceRow, hours: VenueHours): FeedHistory {
  return {
    ...source,
    hours,
    gone: source.goneAt !== null,
    createdAt: source.createdAt.getTime(),
    lastSuccessAt: source.lastSuccessAt?.getTime() ?? null,
    lastItemAt: source.lastItemAt?.getTime() ?? null,
  };
}
