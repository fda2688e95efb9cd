import { configSlice, env, integer, secret, type SliceValue } from '#config';

export const feedsConfig = configSlice(
  'feeds',
  {
    consecutiveEmptyCycles: env(
      'ALERT_CONSECUTIVE_EMPTY_CYCLES',
      integer(5, 1, 10_000),
      'Consecutive empty cycles in trading hours after which operators are alerted about a feed',
    ),
    secrets: env(
      'FEEDS_SECRETS',
      secret(3),
      'Values for feed headers of the form secret:NAME, as NAME=value, comma-separated',
      { secret: true },
    ),
    sourcesMax: env(
      'FEEDS_MAX_SOURCES',
      integer(100, 1, 10_000),
      'Maximum number of feeds. Each adds four Prometheus series',
      { formerly: 'FEEDS_SOURCES_MAX' },
    ),
  },
  {
    /** Maximum pause after failures of a feed, in ms. */
    backoffMaxMs: 900_000,
    /** Days that the claim of an item is kept after the feed last contained it. */
    claimRetentionDays: 90,
    /** Maximum number of feeds fetched at once, per process, without the slow ones. */
    concurrency: 16,
    /** Days that the record of a cycle is kept. */
    cycleRetentionDays: 7,
    /** Consecutive failed cycles after which a feed is failing. */
    failingAfter: 3,
    /** Maximum size of a response after decompression, in bytes. The rest is cut off. */
    maxBytes: 16_777_216,
    /** Maximum number of redirects that a request follows. Each target is checked. */
    maxRedirects: 3,
    /** Poll interval for due feeds, in ms. */
    pollMs: 1_000,
    /** After this long, in ms, the poll of a feed counts as slow. That of a feed that failed last time is slow from the start. */
    slowAfterMs: 1_000,
    /** Maximum number of slow polls at once, per process. */
    slowConcurrency: 16,
    /** Cadences without a successful cycle, in trading hours, after which a feed is stale. */
    staleCadences: 3,
    /** Maximum duration of one request with its redirects, in ms. */
    timeoutMs: 15_000,
    /** Interval at which the states of feeds are evaluated, in ms. */
    watchMs: 5_000,
  },
);
export type FeedsConfig = SliceValue<typeof feedsConfig>;
