import { configSlice, env, integer, secret, type SliceValue, text } from '#config';

export const feedsConfig = configSlice('feeds', {
  consecutiveEmptyCycles: env(
    'ALERT_CONSECUTIVE_EMPTY_CYCLES',
    integer(5, 1, 10_000),
    'Empty cycles of a feed in a row, in market hours, that operators are told of',
  ),
  backoffMaxMs: env(
    'FEEDS_BACKOFF_MAX_MS',
    integer(900_000, 1_000, 86_400_000),
    'Longest pause after failures of a feed, ms',
  ),
  claimRetentionDays: env(
    'FEEDS_CLAIM_RETENTION_DAYS',
    integer(90, 1, 3_650),
    'Days that the claim of an item is kept after the feed showed it last',
  ),
  concurrency: env('FEEDS_CONCURRENCY', integer(16, 1, 200), 'Feeds fetched at once, a process'),
  contact: env('FEEDS_CONTACT', text(), 'E-mail in the User-Agent of feed requests; sec.gov asks for one'),
  cycleRetentionDays: env('FEEDS_CYCLE_RETENTION_DAYS', integer(7, 1, 365), 'Days that the record of a cycle is kept'),
  failingAfter: env('FEEDS_FAILING_AFTER', integer(3, 1, 1_000), 'Failed cycles in a row that make a feed failing'),
  maxBytes: env(
    'FEEDS_MAX_BYTES',
    integer(16_777_216, 1_024, 268_435_456),
    'Largest answer of a feed, bytes unpacked; what is beyond is cut off',
  ),
  maxRedirects: env('FEEDS_MAX_REDIRECTS', integer(3, 0, 10), 'Redirects of a feed that are followed, each checked'),
  pollMs: env('FEEDS_POLL_MS', integer(1_000, 50, 60_000), 'How often due feeds are looked for, ms'),
  secrets: env(
    'FEEDS_SECRETS',
    secret(3),
    'Values of feed headers that say secret:NAME, as NAME=value separated by commas',
    { secret: true },
  ),
  sourcesMax: env('FEEDS_SOURCES_MAX', integer(100, 1, 10_000), 'Feeds at most; each has three series at /metrics'),
  staleCadences: env(
    'FEEDS_STALE_CADENCES',
    integer(3, 1, 1_000),
    'Cadences without a good cycle, in market hours, that make a feed stale',
  ),
  timeoutMs: env(
    'FEEDS_TIMEOUT_MS',
    integer(15_000, 100, 120_000),
    'Time for one request of a feed, redirects included, ms',
  ),
  watchMs: env('FEEDS_WATCH_MS', integer(5_000, 100, 3_600_000), 'How often the states of feeds are looked at, ms'),
});
export type FeedsConfig = SliceValue<typeof feedsConfig>;
