import { Cache, type CacheSettings, type CachingConfig, cachingConfig } from '#caching';
import { loadConfig } from '#config';
import { FakeFeed } from '../../../libs/caching/fake-feed.fixture.js';
import { SharedEntries, type SharedOutcome, type SharedStore } from '../../../libs/caching/shared-entries.js';
import { SharedSeal } from '../../../libs/caching/shared-seal.js';

const DEFAULTS = loadConfig([cachingConfig], {})['caching'] as CachingConfig;

export interface SharedProcessOptions<V, Raw> {
  settings?: CacheSettings<V, Raw>;
  config?: Partial<CachingConfig>;
  secret?: string;
  /** The clock of the process, in ms. */
  clock?: () => number;
  /** Transactions below this id had ended at its first reading of the feed. */
  xmin?: number;
}

/**
 * One cache of a process of its own, as far as Redis can tell, with a change feed that the test moves. A busy machine has
 * more time for an answer of Redis than a desk gives it.
 */
export function sharedProcess<V = unknown, Raw = V>(
  store: SharedStore,
  {
    settings = {},
    config = {},
    secret = 'shared by all',
    clock = Date.now,
    xmin = 100,
  }: SharedProcessOptions<V, Raw> = {},
) {
  const feed = new FakeFeed().read(xmin, { beganAt: clock() });
  const outcomes: SharedOutcome[] = [];
  const limits = { ...DEFAULTS, feedSilentMs: 60_000, sharedBudgetMs: 60_000, sharedWaitMs: 60_000, ...config };
  const parts = {
    ...{ store, feed, clock, config: limits, seal: new SharedSeal(secret, clock) },
    observe: (outcome: SharedOutcome) => void outcomes.push(outcome),
  };
  const shared = new SharedEntries('spec', 1, parts);
  const cache = new Cache<V, Raw>('spec', settings, limits, undefined, clock, { feed, shared });
  return { cache, feed, outcomes };
}
