import type { VenueHours } from '#venues';

/** `live`: delivers items. `quiet`: no new items, or its venue is closed. `stale`: items are overdue. `failing`: cannot be read. */
export const FEED_STATES = ['live', 'quiet', 'stale', 'failing'] as const;
export type FeedState = (typeof FEED_STATES)[number];

/** Conditions about which operators are notified, once each time one begins. */
export type FeedCondition = 'empty' | 'stale' | 'failing';

/** The facts about a source. Times in ms since 1970. */
export interface FeedHistory {
  hours: VenueHours;
  cadenceMs: number;
  expectedEveryMs: number | null;
  emptyLimit: number | null;
  createdAt: number;
  lastSuccessAt: number | null;
  lastItemAt: number | null;
  consecutiveEmpty: number;
  consecutiveFailures: number;
  unfinished: number;
  /** The server said that the feed no longer exists, so it is not polled. */
  gone: boolean;
}

export interface StateLimits {
  /** Empty cycles in a row. A source may have its own limit. */
  emptyCycles: number;
  /** Failed cycles in a row, or cycles that never ended. */
  failures: number;
  /** Cadences without a successful cycle, in trading hours. */
  staleCadences: number;
}

/** Minimum time before a feed is stale, whatever its cadence, because the machine may be slow. */
const LEAST_STALE_MS = 30_000;

/**
 * Returns the conditions that hold. Silence is counted in trading hours, so it does not grow while the venue is closed: no feed
 * becomes stale overnight, and a feed that was stale at the close is stale at the next opening.
 */
export function conditionsOf(history: FeedHistory, now: number, limits: StateLimits): FeedCondition[] {
  if (history.gone) return ['failing'];
  const found: FeedCondition[] = [];
  if (history.consecutiveFailures >= limits.failures || history.unfinished >= limits.failures) found.push('failing');
  if (isStale(history, now, limits)) found.push('stale');
  const emptyLimit = history.emptyLimit ?? limits.emptyCycles;
  if (emptyLimit > 0 && history.consecutiveEmpty >= emptyLimit) found.push('empty');
  return found;
}

/** Returns the state: the worst condition. A feed that was never read is failing from its first failure. */
export function stateOf(history: FeedHistory, now: number, limits: StateLimits): FeedState {
  const conditions = conditionsOf(history, now, limits);
  const neverRead = history.lastSuccessAt === null && history.consecutiveFailures > 0;
  if (neverRead || conditions.includes('failing')) return 'failing';
  if (!history.hours.isOpen(now)) return 'quiet';
  if (conditions.includes('stale')) return 'stale';
  return conditions.includes('empty') || history.lastItemAt === null ? 'quiet' : 'live';
}

export interface StateNews {
  state: FeedState;
  raised: FeedCondition[];
  /** Conditions that began now. */
  began: FeedCondition[];
  /** All conditions that have ended. Empty unless none is left. */
  recovered: FeedCondition[];
}

/** Returns what operators are notified about: a condition once when it begins, and one recovery when none is left. */
export function stateNews(
  history: FeedHistory,
  raised: readonly FeedCondition[],
  now: number,
  limits: StateLimits,
): StateNews {
  const conditions = conditionsOf(history, now, limits);
  const state = stateOf(history, now, limits);
  if (conditions.length === 0) return { state, raised: [], began: [], recovered: [...raised] };
  const began = conditions.filter((condition) => !raised.includes(condition));
  // A condition that ends while another one holds stays raised, because there is one recovery at the end.
  return { state, raised: [...raised, ...began], began, recovered: [] };
}

/** Whether items are overdue: no successful cycle within its cadences, or no new item for longer than expected. */
function isStale(history: FeedHistory, now: number, limits: StateLimits): boolean {
  const silent = (since: number | null): number => history.hours.openMsBetween(since ?? history.createdAt, now);
  if (silent(history.lastSuccessAt) > Math.max(LEAST_STALE_MS, history.cadenceMs * limits.staleCadences)) return true;
  return history.expectedEveryMs !== null && silent(history.lastItemAt) > history.expectedEveryMs;
}
