import { type Cache as Tiers, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { DomainError } from '#errors';
import { withTimeout } from '#resilience';
import type { CacheEntry } from './cache-entry.js';
import type { Cached, CacheLoader, CacheReport, CacheSettings, Renewal } from './cache-settings.js';
import type { CachingConfig } from './caching.config.js';
import { frozenSize } from './frozen-size.js';
import { MemoryStore } from './memory-store.js';

export type CacheOutcome = 'hit' | 'miss' | 'shared' | 'stale' | 'error';

export interface LoadOptions {
  /** Names under which `invalidateTag` finds the entry. */
  tags?: readonly string[];
}

export interface LookupOptions extends LoadOptions {
  /**
   * Maximum wait of a caller in ms while a value in its grace period exists. Then that value is returned, and the load
   * continues.
   */
  waitMs?: number;
}

interface Load {
  readonly entry: CacheEntry;
  answer: Promise<Cached<unknown>>;
}

/** Receives the events of a cache. */
export interface CacheObserver {
  requested(outcome: CacheOutcome): void;
  evicted(): void;
  changed(bytes: number, items: number): void;
}

const SILENT: CacheObserver = { requested: () => undefined, evicted: () => undefined, changed: () => undefined };

/**
 * Keeps values in memory that are expensive to load or to build. Concurrent callers of a key share one load. A failed
 * load is not kept, and all its callers get the error. `undefined`, `null`, `0`, `false` and `''` are values. All
 * callers share a value. A loader must not run inside an open transaction, because it would share data that may be
 * rolled back.
 */
export class Cache<V = unknown> {
  private readonly memory: MemoryStore;
  /**
   * The tiers in order. A second one on Redis can be added here. cache-manager's own coalescing works per call and
   * ignores invalidations, so it is not used.
   */
  private readonly tiers: Tiers;
  private readonly loads = new Map<string, Load>();
  private readonly counts = { hit: 0, miss: 0, shared: 0, stale: 0, error: 0, evicted: 0 };
  private readonly maxItems: number;
  private readonly maxBytes: number;

  constructor(
    readonly name: string,
    private readonly settings: CacheSettings<V>,
    private readonly config: CachingConfig,
    private readonly observer: CacheObserver = SILENT,
    private readonly clock: () => number = Date.now,
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

  /**
   * The value of `key` if it is fresh, without waiting; undefined if it must be loaded.
   * @param renewal loads a value past its `afterMs` again in the background, so that callers of a busy key never wait
   */
  peek(key: string, renewal?: Renewal<V>): V | undefined {
    const entry = this.fresh(key);
    if (entry === undefined) return undefined;
    if (renewal !== undefined && this.clock() - entry.askedAt >= renewal.afterMs && !this.loads.has(key)) {
      // A failure is seen by the caller that needs the value past its time and loads it again.
      this.load(key, renewal.ttlMs, renewal.load, {}).catch(() => undefined);
    }
    return entry.value as V;
  }

  /**
   * Returns the value of `key`, loaded if it is not fresh. Never returns a stale one, because only `lookup` can mark
   * it.
   * @param ttlMs time in ms for which it is fresh, from the start of its load (at most `maxTtlMs`)
   * @throws errors of the loader
   */
  async getOrLoad(key: string, ttlMs: number, loader: CacheLoader<V>, options: LoadOptions = {}): Promise<V> {
    const entry = this.fresh(key);
    if (entry !== undefined) return entry.value as V;
    return (await this.load(key, ttlMs, loader, options)).value;
  }

  /**
   * Like `getOrLoad`, but also returns the source. While the source fails, returns a value in its grace period, marked
   * `stale`.
   */
  async lookup(key: string, ttlMs: number, loader: CacheLoader<V>, options: LookupOptions = {}): Promise<Cached<V>> {
    const entry = this.fresh(key);
    if (entry !== undefined) return { value: entry.value as V, source: 'cache', ageMs: this.clock() - entry.askedAt };
    const old = this.standIn(key);
    if (old !== undefined && this.clock() < old.retryAt) return this.stale(old);
    try {
      const loaded = this.load(key, ttlMs, loader, options);
      if (old === undefined || options.waitMs === undefined) return await loaded;
      return await withTimeout(loaded, options.waitMs, () => this.silent(old, options.waitMs!));
    } catch (error) {
      const standIn = this.standIn(key);
      if (standIn === undefined || this.settings.standsInFor?.(error) === false) throw error;
      standIn.retryAt = this.clock() + (this.settings.retryMs ?? this.config.retryMs);
      return this.stale(standIn);
    }
  }

  /**
   * Returns the value of `key`, built synchronously if there is none. It is kept until it is invalidated or evicted.
   */
  getOrBuild(key: string, build: () => V): V {
    const entry = this.fresh(key);
    if (entry !== undefined) return entry.value as V;
    const value = build();
    this.requested('miss');
    const built = this.newEntry();
    this.fill(built, value, Infinity, Infinity);
    this.memory.put(key, built);
    this.tellChange();
    return value;
  }

  /** Drops a key, in memory before it returns. A load of it that is running answers its callers but is not kept. */
  async invalidate(key: string): Promise<void> {
    const load = this.loads.get(key);
    if (load !== undefined) this.overtake(key, load);
    this.memory.remove(key);
    this.tellChange();
    await this.tiers.del(key);
  }

  /** Drops every key that carries the tag, in memory before it returns. */
  async invalidateTag(tag: string): Promise<void> {
    for (const [key, load] of this.loads) {
      // Tags that come of the value are unknown until it is loaded: any of these loads may carry it.
      if (this.settings.tagsOf !== undefined || load.entry.tags.includes(tag)) this.overtake(key, load);
    }
    await Promise.all(this.memory.keysTagged(tag).map((key) => this.invalidate(key)));
  }

  /** Drops all keys. */
  clear(): void {
    for (const [key, load] of this.loads) this.overtake(key, load);
    this.memory.removeAll();
    this.tellChange();
  }

  /** Drops entries past their grace period. */
  sweep(): void {
    this.memory.sweep(this.clock());
    this.tellChange();
  }

  report(): CacheReport {
    const { hit: hits, miss: misses, shared, stale, error: loadFailures, evicted: evictions } = this.counts;
    const { items: entries, bytes, oldestAt } = this.memory;
    return {
      name: this.name,
      ...{ entries, bytes, maxEntries: this.maxItems, maxBytes: Number.isFinite(this.maxBytes) ? this.maxBytes : null },
      ...{ hits, misses, shared, stale, loadFailures, evictions },
      oldestMs: oldestAt === undefined ? null : this.clock() - oldestAt,
    };
  }

  private fresh(key: string): CacheEntry | undefined {
    const entry = this.memory.read(key);
    if (entry === undefined || this.clock() >= entry.freshUntil) return undefined;
    this.requested('hit');
    return entry;
  }

  private standIn(key: string): CacheEntry | undefined {
    const entry = this.memory.read(key);
    return entry !== undefined && this.clock() < entry.keptUntil ? entry : undefined;
  }

  /** The source does not answer in time. The next callers do not wait for it as long again. */
  private silent(entry: CacheEntry, waitedMs: number): Cached<V> {
    entry.retryAt = this.clock() + waitedMs;
    return this.stale(entry);
  }

  private stale(entry: CacheEntry): Cached<V> {
    this.requested('stale');
    return { value: entry.value as V, source: 'stale', ageMs: this.clock() - entry.askedAt };
  }

  /** Joins the running load, or begins one. No await before the load is registered, so that there is never a second one. */
  private load(key: string, ttlMs: number, loader: CacheLoader<V>, options: LoadOptions): Promise<Cached<V>> {
    const running = this.loads.get(key);
    if (running !== undefined) {
      // A load that began longer ago than a value may be old gives a value that is too old.
      if (this.clock() - running.entry.askedAt < ttlMs) {
        this.requested('shared');
        return running.answer as Promise<Cached<V>>;
      }
      this.overtake(key, running);
    }
    const load: Load = { entry: this.newEntry(options.tags), answer: Promise.resolve() as never };
    this.loads.set(key, load);
    const answer = this.run(key, ttlMs, loader, load);
    load.answer = answer;
    return answer;
  }

  private async run(key: string, ttlMs: number, loader: CacheLoader<V>, load: Load): Promise<Cached<V>> {
    const { entry } = load;
    try {
      const value = this.keptIfSame(key, await loader(key));
      this.requested('miss');
      if (this.settings.keeps?.(value) === false) {
        if (!entry.overtaken) this.memory.remove(key);
      } else {
        const fresh = Math.min(ttlMs, this.config.maxTtlMs);
        this.fill(entry, value, fresh, fresh + (this.settings.graceMs ?? this.config.graceMs));
        await this.tiers.set(key, entry);
      }
      this.tellChange();
      return { value, source: 'database', ageMs: 0 };
    } catch (error) {
      this.requested('error');
      // "No such row" is an answer: the previous value must not hide it.
      if (isAnAnswer(error) && !entry.overtaken) this.memory.remove(key);
      throw error;
    } finally {
      if (this.loads.get(key) === load) this.loads.delete(key);
    }
  }

  private keptIfSame(key: string, loaded: V): V {
    const kept = this.settings.same && this.memory.read(key);
    return kept !== undefined && this.settings.same!(kept.value as V, loaded) ? (kept.value as V) : loaded;
  }

  private newEntry(tags: readonly string[] = []): CacheEntry {
    const times = { askedAt: this.clock(), freshUntil: 0, keptUntil: 0, retryAt: 0 };
    return { value: undefined, tags, ...times, bytes: 0, overtaken: false };
  }

  private fill(entry: CacheEntry, value: V, freshMs: number, keptMs: number): void {
    const { sizeOf, tagsOf } = this.settings;
    entry.value = value;
    entry.freshUntil = entry.askedAt + freshMs;
    entry.keptUntil = entry.askedAt + keptMs;
    entry.bytes = sizeOf === undefined ? frozenSize(value, this.maxBytes) : Math.max(1, sizeOf(value));
    if (tagsOf !== undefined) entry.tags = [...entry.tags, ...tagsOf(value)];
  }

  private overtake(key: string, load: Load): void {
    load.entry.overtaken = true;
    this.loads.delete(key);
  }

  private requested(outcome: CacheOutcome): void {
    this.counts[outcome]++;
    this.observer.requested(outcome);
  }

  private tellChange(): void {
    this.observer.changed(this.memory.bytes, this.memory.items);
  }
}

/** Whether the source answered, though with a refusal, as opposed to failing. */
function isAnAnswer(error: unknown): boolean {
  return error instanceof DomainError && error.details.kind !== 'internal' && error.details.kind !== 'unavailable';
}
