import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import type { CacheObserver, CacheOutcome } from './cache-content.js';
import {
  CACHE_BYTES,
  CACHE_EVICTIONS,
  CACHE_ITEMS,
  CACHE_MAX_BYTES,
  CACHE_REQUESTS,
  CACHE_STORED_BYTES,
  CACHE_WAIT_SECONDS,
} from './caching.metrics.js';
import type { SharedOutcome, SharedParts } from './shared-entries.js';

const TIER = 'memory';
const OUTCOMES: readonly CacheOutcome[] = ['hit', 'miss', 'promoted', 'shared', 'stale', 'error'];
const SHARED_TIER = 'redis';
const SHARED_OUTCOMES: readonly SharedOutcome[] = ['hit', 'waited', 'miss', 'refused', 'error', 'stored'];

/** Counts the work of each cache. Label sets are bound once: `inc({ cache, outcome })` would hash them on every hit. */
@Injectable()
export class CacheMetrics {
  constructor(
    @InjectMetric(CACHE_REQUESTS) private readonly requests: Counter,
    @InjectMetric(CACHE_EVICTIONS) private readonly evictions: Counter,
    @InjectMetric(CACHE_BYTES) private readonly bytes: Gauge,
    @InjectMetric(CACHE_ITEMS) private readonly items: Gauge,
    @InjectMetric(CACHE_MAX_BYTES) private readonly maxBytes: Gauge,
    @InjectMetric(CACHE_STORED_BYTES) private readonly storedBytes: Counter,
    @InjectMetric(CACHE_WAIT_SECONDS) private readonly wait: Histogram,
  ) {}

  /** @param maxBytes may be Infinity */
  observerOf(name: string, maxBytes: number): CacheObserver {
    const byOutcome = this.byOutcome(name, TIER, OUTCOMES);
    const evictions = this.evictions.labels(name, TIER);
    const [bytes, items] = [this.bytes.labels(name, TIER), this.items.labels(name, TIER)];
    evictions.inc(0);
    this.maxBytes.labels(name, TIER).set(maxBytes);
    return {
      requested: (outcome) => byOutcome[outcome].inc(),
      evicted: () => evictions.inc(),
      changed: (size, count) => {
        bytes.set(size);
        items.set(count);
      },
      loaded: (ms) => this.wait.observe({ cache: name, tier: 'source' }, ms / 1_000),
    };
  }

  /** Of the values of a cache in Redis. */
  sharedObserverOf(name: string): SharedParts['observe'] {
    const byOutcome = this.byOutcome(name, SHARED_TIER, SHARED_OUTCOMES);
    const [storedBytes, wait] = [this.storedBytes.labels(name, SHARED_TIER), this.wait.labels(name, SHARED_TIER)];
    return (outcome, ms, bytes = 0) => {
      byOutcome[outcome].inc();
      storedBytes.inc(bytes);
      if (ms !== undefined) wait.observe(ms / 1_000);
    };
  }

  /** Present at zero from the start: an alert on a missing series can never fire. */
  private byOutcome<O extends string>(name: string, tier: string, outcomes: readonly O[]): Record<O, Counter.Internal> {
    const counters = outcomes.map((outcome) => [outcome, this.requests.labels(name, tier, outcome)] as const);
    for (const [, counter] of counters) counter.inc(0);
    return Object.fromEntries(counters) as Record<O, Counter.Internal>;
  }
}
