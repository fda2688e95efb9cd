import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { CacheObserver, CacheOutcome } from './cache.js';
import { BYTES, EVICTIONS, ITEMS, MAX_BYTES, REQUESTS } from './caching.metrics.js';

const TIER = 'memory';
const OUTCOMES: readonly CacheOutcome[] = ['hit', 'miss', 'shared', 'stale', 'error'];

/** Counts what the cache does. Label sets are bound once: `inc({ tier, outcome })` would hash them on every hit. */
@Injectable()
export class CacheMetricsObserver implements CacheObserver {
  private readonly byOutcome: Record<string, Counter.Internal>;
  private readonly evictions: Counter.Internal;

  constructor(
    @InjectMetric(REQUESTS) requests: Counter,
    @InjectMetric(EVICTIONS) evictions: Counter,
    @InjectMetric(BYTES) private readonly bytes: Gauge,
    @InjectMetric(ITEMS) private readonly items: Gauge,
    @InjectMetric(MAX_BYTES) private readonly maxBytes: Gauge,
  ) {
    this.byOutcome = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, requests.labels(TIER, outcome)]));
    this.evictions = evictions.labels(TIER);
    // Present at zero from the start: an alert on a series that does not exist yet can never fire.
    for (const counter of [...Object.values(this.byOutcome), this.evictions]) counter.inc(0);
  }

  requested(outcome: CacheOutcome): void {
    this.byOutcome[outcome]!.inc();
  }

  evicted(): void {
    this.evictions.inc();
  }

  changed(bytes: number, items: number): void {
    this.bytes.set({ tier: TIER }, bytes);
    this.items.set({ tier: TIER }, items);
  }

  bounded(maxBytes: number): void {
    this.maxBytes.set({ tier: TIER }, maxBytes);
  }
}
