import type { VenueHours } from '#venues';

/** `live`: speaks. `quiet`: connected, nothing to say, or closed. `stale`: ought to have spoken. `failing`: cannot be read. */
export type FeedState = 'live' | 'quiet' | 'stale' | 'failing';

/** What operators are told of, once each time it begins. */
export type FeedCondition = 'empty' | 'stale' | 'failing';

/** What is known of a source. Moments in ms since 1970. */
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
}

export interface StateLimits {
  /** Empty cycles in a row; a source may have its own. */
  emptyCycles: number;
  /** Failed cycles in a row, or cycles that never came to their end. */
  failures: number;
  /** Cadences without a successful cycle, in market time. */
  staleCadences: number;
}

/** A slow machine is no stale feed: however short the cadence, it has so long. */
const LEAST_STALE_MS = 30_000;

/**
 * Which conditions hold. Silence is counted in market time, so it stands still while the venue is closed: nothing becomes
 * stale overnight, and what was stale at the close still is at the next opening.
 */
export function conditionsOf(history: FeedHistory, now: number, limits: StateLimits): FeedCondition[] {
  const found: FeedCondition[] = [];
  if (history.consecutiveFailures >= limits.failures || history.unfinished >= limits.failures) found.push('failing');
  if (isStale(history, now, limits)) found.push('stale');
  const emptyLimit = history.emptyLimit ?? limits.emptyCycles;
  if (emptyLimit > 0 && history.consecutiveEmpty >= emptyLimit) found.push('empty');
  return found;
}

/** The one word for it, worst first. */
export function stateOf(history: FeedHistory, now: number, limits: StateLimits): FeedState {
  const conditions = conditionsOf(history, now, limits);
  if (conditions.includes('failing')) return 'failing';
  if (!history.hours.isOpen(now)) return 'quiet';
  if (conditions.includes('stale')) return 'stale';
  return conditions.includes('empty') || history.lastItemAt === null ? 'quiet' : 'live';
}

export interface StateNews {
  state: FeedState;
  raised: FeedCondition[];
  /** To be told now: conditions that began .. */
  began: FeedCondition[];
  /** .. or all that had been told and is over; empty unless all is well again. */
  recovered: FeedCondition[];
}

/** What to tell operators: a condition once when it begins, one recovery when none is left. */
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
  // What is over while something else goes on stays raised: there is one recovery, at the end.
  return { state, raised: [...raised, ...began], began, recovered: [] };
}

/** Connected or not: no good cycle within its cadences, or nothing new for longer than the source is expected to be silent. */
function isStale(history: FeedHistory, now: number, limits: StateLimits): boolean {
  const silent = (since: number | null): number => history.hours.openMsBetween(since ?? history.createdAt, now);
  if (silent(history.lastSuccessAt) > Math.max(LEAST_STALE_MS, history.cadenceMs * limits.staleCadences)) return true;
  return history.expectedEveryMs !== null && silent(history.lastItemAt) > history.expectedEveryMs;
}
