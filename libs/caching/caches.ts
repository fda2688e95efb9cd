import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Background } from '#background';
import { Changes } from '#changes';
import { Cache } from './cache.js';
import { CacheMetrics } from './cache-metrics.js';
import type { CacheReport, CacheSettings } from './cache-settings.js';
import { type CachingConfig, cachingConfig } from './caching.config.js';

/** A cache of any values. */
type OpenCache = Pick<Cache, 'clear' | 'invalidate' | 'invalidateTag' | 'report' | 'sweep'>;

/** All caches of this process, by name. */
@Injectable()
export class Caches implements OnApplicationShutdown {
  private readonly caches = new Map<string, OpenCache>();
  private readonly unsubscribe: (() => void)[] = [];

  constructor(
    @Inject(cachingConfig.token) private readonly config: CachingConfig,
    private readonly changes: Changes,
    private readonly metrics: CacheMetrics,
  ) {}

  /**
   * Opens a cache. Each user of the library opens its own, once.
   * @param name snake_case, a label of the metrics
   * @throws RangeError when the name is taken
   */
  open<V>(name: string, settings: CacheSettings<V>): Cache<V> {
    if (this.caches.has(name)) throw new RangeError(`The cache ${name} is open already; each user opens its own.`);
    const observer = this.metrics.observerOf(name, settings.maxBytes ?? this.config.maxBytes);
    const cache = new Cache<V>(name, settings, this.config, observer);
    this.caches.set(name, cache);
    if (settings.topic !== undefined) this.follow(cache, settings.topic);
    return cache;
  }

  /** What each cache holds and did, by name. */
  reports(): CacheReport[] {
    return [...this.caches.values()].map((cache) => cache.report()).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Drops entries past their grace period. */
  @Background({ name: 'caching-sweep', every: 15_000, role: 'every-process', whenReadOnly: 'run' })
  sweep(): void {
    for (const cache of this.caches.values()) cache.sweep();
  }

  onApplicationShutdown(): void {
    for (const stop of this.unsubscribe) stop();
  }

  /** Changes reach every process within 1 s, also when no hint arrives. */
  private follow(cache: OpenCache, topic: NonNullable<CacheSettings<unknown>['topic']>): void {
    const stop = this.changes.onChange(topic, (keys) => {
      if (keys === null) cache.clear();
      else for (const key of keys) void Promise.all([cache.invalidate(key), cache.invalidateTag(key)]);
    });
    this.unsubscribe.push(stop);
  }
}
