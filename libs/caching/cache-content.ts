import { type Cache as Tiers, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { CacheEntry } from './cache-entry.js';
import type { CacheReport, CacheSettings } from './cache-settings.js';
import type { CachingConfig } from './caching.config.js';
import { frozenSize } from './frozen-size.js';
import { MemoryStore } from './memory-store.js';

export type CacheOutcome = 'hit' | 'miss' | 'promoted' | 'shared' | 'stale' | 'error';

/** Receives the events of a cache. */
export interface CacheObserver {
  requested(outcome: CacheOutcome): void;
  evicted(): void;
  changed(bytes: number, items: number): void;
  /** A loader took `ms`. */
  loaded(ms: number): void;
}

/** The settings of a cache that concern its values, whatever its loaders return. */
type ValueSettings<V> = Omit<CacheSettings<V>, 'open'>;

/** The entries of one cache in memory, bounded and counted. */
export class CacheContent<V> {
  private readonly memory: MemoryStore;
  /**
   * The tier in memory. cache-manager's own coalescing works per call and ignores invalidations, so it is not used. Nor
   * is a second tier of it: it waits for a Redis that hangs, and tells neither the age of a value nor what it includes.
   */
  private readonly tiers: Tiers;
  private readonly counts = { hit: 0, miss: 0, promoted: 0, shared: 0, stale: 0, error: 0, evicted: 0 };
  private readonly maxItems: number;
  private readonly maxBytes: number;
  private runs = 0;
  private runsMs = 0;

  constructor(
    private readonly settings: ValueSettings<V>,
    private readonly config: CachingConfig,
    private readonly observer: CacheObserver,
    private readonly clock: () => number,
  ) {
    this.maxItems = settings.maxItems ?? config.maxItems;
    this.maxBytes = settings.maxBytes ?? config.maxBytes;
    this.memory = new MemoryStore({
      maxItems: this.maxItems,
      maxBytes: this.maxBytes,
      onEvict: () => {
        this.counts.evicted++;
        observer.evicted();
      },
    });
    const first = new Keyv({ store: this.memory, useKeyPrefix: false });
    first.serialize = undefined;
    first.deserialize = undefined;
    this.tiers = createCache({ stores: [first] });
  }

  read(key: string): CacheEntry | undefined {
    return this.memory.read(key);
  }

  newEntry(tags: readonly string[] = []): CacheEntry {
    const times = { askedAt: this.clock(), freshUntil: 0, keptUntil: 0, retryAt: 0 };
    return { value: undefined, tags, ...times, bytes: 0, overtaken: false };
  }

  /** The value in memory if it equals the loaded one, so that it stays the same object. */
  keptIfSame(key: string, loaded: V): V {
    const kept = this.settings.same && this.memory.read(key);
    return kept !== undefined && this.settings.same!(kept.value as V, loaded) ? (kept.value as V) : loaded;
  }

  /** Stores the value of a load, unless it was overtaken or is not to be kept. */
  async put(key: string, entry: CacheEntry, value: V, freshMs: number): Promise<void> {
    if (this.settings.keeps?.(value) === false) {
      if (!entry.overtaken) this.memory.remove(key);
    } else {
      this.fill(entry, value, freshMs, freshMs + (this.settings.graceMs ?? this.config.graceMs));
      await this.tiers.set(key, entry);
    }
    this.reportSize();
  }

  /** Stores a value without a time limit. */
  putBuilt(key: string, value: V): void {
    const entry = this.newEntry();
    this.fill(entry, value, Infinity, Infinity);
    this.memory.put(key, entry);
    this.reportSize();
  }

  remove(key: string): void {
    this.memory.remove(key);
  }

  /** Drops a key, before it returns. */
  async drop(key: string): Promise<void> {
    this.memory.remove(key);
    this.reportSize();
    await this.tiers.del(key);
  }

  keysTagged(tag: string): string[] {
    return this.memory.keysTagged(tag);
  }

  dropAll(): void {
    this.memory.removeAll();
    this.reportSize();
  }

  /** Drops entries past their grace period. */
  sweep(): void {
    this.memory.sweep(this.clock());
    this.reportSize();
  }

  /** Runs a loader and measures it. */
  async measured<T>(load: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await load();
    } finally {
      const ms = performance.now() - began;
      this.runs += 1;
      this.runsMs += ms;
      this.observer.loaded(ms);
    }
  }

  requested(outcome: CacheOutcome): void {
    this.counts[outcome]++;
    this.observer.requested(outcome);
  }

  report(): Omit<CacheReport, 'name' | 'redis'> {
    const { hit: hits, miss: misses, promoted, shared, stale, error: loadFailures, evicted: evictions } = this.counts;
    const { items: entries, bytes, oldestAt } = this.memory;
    return {
      ...{ entries, bytes, maxEntries: this.maxItems, maxBytes: Number.isFinite(this.maxBytes) ? this.maxBytes : null },
      ...{ hits, misses, promoted, shared, stale, loadFailures, evictions },
      oldestMs: oldestAt === undefined ? null : this.clock() - oldestAt,
      meanLoadMs: this.runs === 0 ? null : Number((this.runsMs / this.runs).toFixed(3)),
    };
  }

  private fill(entry: CacheEntry, value: V, freshMs: number, keptMs: number): void {
    const { sizeOf, tagsOf } = this.settings;
    entry.value = value;
    entry.freshUntil = entry.askedAt + freshMs;
    entry.keptUntil = entry.askedAt + keptMs;
    entry.bytes = sizeOf === undefined ? frozenSize(value, this.maxBytes) : Math.max(1, sizeOf(value));
    if (tagsOf !== undefined) entry.tags = [...entry.tags, ...tagsOf(value)];
  }

  private reportSize(): void {
    this.observer.changed(this.memory.bytes, this.memory.items);
  }
}
