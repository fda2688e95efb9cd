import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Background } from '#background';
import { Changes } from '#changes';
import { Redis } from '#redis';
import { Cache } from './cache.js';
import { CacheMetrics } from './cache-metrics.js';
import { CacheSecret } from './cache-secret.js';
import type { CacheReport, CacheSettings } from './cache-settings.js';
import { type CachingConfig, cachingConfig } from './caching.config.js';
import { coarseClock } from './coarse-clock.js';
import { SharedEntries } from './shared-entries.js';
import { SharedSeal } from './shared-seal.js';

/** A cache of any values. */
type OpenCache = Pick<Cache, 'clear' | 'report' | 'sweep'>;
type Topic = NonNullable<CacheSettings<unknown>['topic']>;

/** All caches of this process, by name. */
@Injectable()
export class Caches implements OnApplicationShutdown {
  private readonly caches = new Map<string, OpenCache>();
  private readonly byTopic = new Map<Topic, OpenCache[]>();
  private readonly unsubscribe: (() => void)[] = [];
  private readonly seal: SharedSeal | undefined;
  private readonly clock = coarseClock();

  constructor(
    @Inject(cachingConfig.token) private readonly config: CachingConfig,
    private readonly changes: Changes,
    private readonly metrics: CacheMetrics,
    private readonly redis: Redis,
    { secret }: CacheSecret,
  ) {
    if (redis.enabled && secret !== undefined) this.seal = new SharedSeal(secret.reveal());
  }

  /**
   * Opens a cache. Each user of the library opens its own, once.
   * @param name snake_case, a label of the metrics
   * @throws RangeError when the name is taken
   */
  open<V, Raw = V>(name: string, settings: CacheSettings<V, Raw>): Cache<V, Raw> {
    if (this.caches.has(name)) throw new RangeError(`The cache ${name} is open already; each user opens its own.`);
    const observer = this.metrics.observerOf(name, settings.maxBytes ?? this.config.maxBytes);
    const feed = settings.topic === undefined ? undefined : this.changes;
    const shared = this.sharedEntries(name, settings);
    const cache = new Cache<V, Raw>(name, settings, this.config, observer, this.clock, { feed, shared });
    this.caches.set(name, cache);
    if (settings.topic === undefined) return cache;
    this.byTopic.set(settings.topic, [...(this.byTopic.get(settings.topic) ?? []), cache]);
    // Changes reach every process within 1 s, also when no hint arrives.
    this.unsubscribe.push(this.changes.onChange(settings.topic, (keys, mark) => cache.heard(keys, mark)));
    return cache;
  }

  /** Clears the caches of this process that follow a topic, so that it reads its own committed write at once. */
  clearTopic(topic: Topic): void {
    for (const cache of this.byTopic.get(topic) ?? []) cache.clear();
  }

  /** What each cache holds and did, by name. */
  reports(): CacheReport[] {
    return [...this.caches.values()].map((cache) => cache.report()).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The second tier: whether it is set up, and whether it is used now. */
  redisTier(): { enabled: boolean; available: boolean } {
    return { enabled: this.seal !== undefined, available: this.seal !== undefined && this.redis.available };
  }

  /** Drops entries past their grace period. */
  @Background({ name: 'caching-sweep', every: 15_000, role: 'every-process', whenReadOnly: 'run' })
  sweep(): void {
    for (const cache of this.caches.values()) cache.sweep();
  }

  onApplicationShutdown(): void {
    for (const stop of this.unsubscribe) stop();
  }

  private sharedEntries(
    name: string,
    { shared, topic }: { shared?: { shape: number }; topic?: Topic },
  ): SharedEntries | undefined {
    if (shared === undefined || this.seal === undefined) return undefined;
    if (topic === undefined)
      throw new RangeError(`The cache ${name} is shared, so it needs a topic of the change feed.`);
    return new SharedEntries(name, shared.shape, {
      ...{ store: this.redis, seal: this.seal, feed: this.changes, config: this.config, clock: Date.now },
      observe: this.metrics.sharedObserverOf(name),
    });
  }
}
