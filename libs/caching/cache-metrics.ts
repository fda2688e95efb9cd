import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { CacheObserver, CacheOutcome } from './cache.js';
import { CACHE_BYTES, CACHE_EVICTIONS, CACHE_ITEMS, CACHE_MAX_BYTES, CACHE_REQUESTS } from './caching.metrics.js';

const TIER = 'memory';
const OUTCOMES: readonly CacheOutcome[] = ['hit', 'miss', 'shared', 'stale', 'error'];

/** Counts the work of each cache. Label sets are bound once: `inc({ cache, outcome })` would hash them on every hit. */
@Injectable()
export class CacheMetrics {
  constructor(
    @InjectMetric(CACHE_REQUESTS) private readonly requests: Counter,
    @InjectMetric(CACHE_EVICTIONS) private readonly evictions: Counter,
    @InjectMetric(CACHE_BYTES) private readonly bytes: Gauge,
    @InjectMetric(CACHE_ITEMS) private readonly items: Gauge,
    @InjectMetric(CACHE_MAX_BYTES) private readonly maxBytes: Gauge,
  ) {}

  /** @param maxBytes may be Infinity */
  observerOf(name: string, maxBytes: number): CacheObserver {
    const byOutcome = Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, this.requests.labels(name, TIER, outcome)]),
    );
    const evictions = this.evictions.labels(name, TIER);
    const [bytes, items] = [this.bytes.labels(name, TIER), this.items.labels(name, TIER)];
    // Present at zero from the start: an alert on a missing series can never fire.
    for (const counter of [...Object.values(byOutcome), evictions]) counter.inc(0);
    this.maxBytes.labels(name, TIER).set(maxBytes);
    return {
      requested: (outcome) => byOutcome[outcome]!.inc(),
      evicted: () => evictions.inc(),
      changed: (size, count) => {
        bytes.set(size);
        items.set(count);
      },
    };
  }
}
