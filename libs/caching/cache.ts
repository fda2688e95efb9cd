import { type Cache as Tiers, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { DomainError } from '#errors';
import type { CacheEntry } from './cache-entry.js';
import type { CachingConfig } from './caching.config.js';
import { frozenSize } from './frozen-size.js';
import { MemoryStore } from './memory-store.js';

export type CacheOutcome = 'hit' | 'miss' | 'shared' | 'stale' | 'error';

export interface CacheOptions {
  /** Names under which `invalidateTag` finds the item. */
  tags?: readonly string[];
}

/** A value and where it came from. `stale`: its time is up and the source fails; `ageMs` says how old it is. */
export interface Cached<T> {
  readonly value: T;
  readonly source: 'database' | 'cache' | 'stale';
  readonly ageMs: number;
}

interface Load {
  readonly entry: CacheEntry;
  answer: Promise<Cached<unknown>>;
}

/** What the cache tells of itself while it works. */
export interface CacheObserver {
  requested(outcome: CacheOutcome): void;
  evicted(): void;
  changed(bytes: number, items: number): void;
}

/**
 * Remembers what is dear to load. However many ask for a key at once, one load runs; a load that fails is not remembered and
 * releases everybody; `undefined`, `null`, `0`, `false` and `''` are values like others.
 * Values are frozen and shared by all callers. Loaders must not run inside an open transaction: they would share what may be rolled back.
 */
export class Cache {
  private readonly memory: MemoryStore;
  /** The tiers in order; a second one on Redis joins here. cache-manager's own coalescing is per call and cannot be overtaken, so it is not used. */
  private readonly tiers: Tiers;
  private readonly loads = new Map<string, Load>();

  constructor(
    private readonly config: CachingConfig,
    private readonly observer: CacheObserver,
    private readonly clock: () => number = Date.now,
  ) {
    this.memory = new MemoryStore({
      maxItems: config.maxItems,
      maxBytes: config.maxBytes,
      onEvict: () => observer.evicted(),
    });
    const first = new Keyv({ store: this.memory, useKeyPrefix: false });
    first.serialize = undefined;
    first.deserialize = undefined;
    this.tiers = createCache({ stores: [first] });
  }

  /**
   * The value of `key`, loaded if it is not fresh. Never a stale one: only `lookup` can mark it.
   * @param ttlMs how long it is fresh, ms (at most CACHING_MAX_TTL_MS)
   * @throws what the loader throws
   */
  async getOrLoad<T>(key: string, ttlMs: number, loader: () => Promise<T>, options: CacheOptions = {}): Promise<T> {
    const entry = this.fresh(key);
    if (entry !== undefined) return entry.value as T;
    return (await this.load(key, ttlMs, loader, options)).value;
  }

  /** As `getOrLoad`, but says where the value came from, and while the source fails answers from the grace period, marked `stale`. */
  async lookup<T>(
    key: string,
    ttlMs: number,
    loader: () => Promise<T>,
    options: CacheOptions = {},
  ): Promise<Cached<T>> {
    const entry = this.fresh(key);
    if (entry !== undefined) return { value: entry.value as T, source: 'cache', ageMs: this.clock() - entry.loadedAt };
    const old = this.standIn(key);
    if (old !== undefined && this.clock() < old.retryAt) return this.stale(old);
    try {
      return await this.load(key, ttlMs, loader, options);
    } catch (error) {
      const standIn = this.standIn(key);
      if (standIn === undefined) throw error;
      standIn.retryAt = this.clock() + this.config.retryMs;
      return this.stale(standIn);
    }
  }

  /** Forgets a key. A load of it that is under way answers those who wait for it, but is not remembered. */
  async invalidate(key: string): Promise<void> {
    const load = this.loads.get(key);
    if (load !== undefined) this.overtake(key, load);
    this.memory.remove(key);
    await this.tiers.del(key);
    this.tellChange();
  }

  /** Forgets every key that carries the tag. */
  async invalidateTag(tag: string): Promise<void> {
    const keys = new Set(this.memory.keysTagged(tag));
    for (const [key, load] of this.loads) if (load.entry.tags.includes(tag)) keys.add(key);
    await Promise.all([...keys].map((key) => this.invalidate(key)));
  }

  /** Drops what is past its grace period. */
  sweep(): void {
    this.memory.sweep(this.clock());
    this.tellChange();
  }

  private fresh(key: string): CacheEntry | undefined {
    const entry = this.memory.read(key);
    if (entry === undefined || this.clock() >= entry.freshUntil) return undefined;
    this.observer.requested('hit');
    return entry;
  }

  private standIn(key: string): CacheEntry | undefined {
    const entry = this.memory.read(key);
    return entry !== undefined && this.clock() < entry.keptUntil ? entry : undefined;
  }

  private stale<T>(entry: CacheEntry): Cached<T> {
    this.observer.requested('stale');
    return { value: entry.value as T, source: 'stale', ageMs: this.clock() - entry.loadedAt };
  }

  /** Joins the load under way, or begins one. No await before the load is registered, so that there is never a second one. */
  private load<T>(key: string, ttlMs: number, loader: () => Promise<T>, options: CacheOptions): Promise<Cached<T>> {
    const running = this.loads.get(key);
    if (running !== undefined) {
      this.observer.requested('shared');
      return running.answer as Promise<Cached<T>>;
    }
    const entry: CacheEntry = {
      value: undefined,
      tags: options.tags ?? [],
      loadedAt: 0,
      freshUntil: 0,
      keptUntil: 0,
      retryAt: 0,
      bytes: 0,
      overtaken: false,
    };
    const load: Load = { entry, answer: Promise.resolve() as never };
    this.loads.set(key, load);
    const answer = this.run(key, ttlMs, loader, load);
    load.answer = answer;
    return answer;
  }

  private async run<T>(key: string, ttlMs: number, loader: () => Promise<T>, load: Load): Promise<Cached<T>> {
    const { entry } = load;
    try {
      const value = await loader();
      this.observer.requested('miss');
      entry.value = value;
      entry.loadedAt = this.clock();
      entry.freshUntil = entry.loadedAt + Math.min(ttlMs, this.config.maxTtlMs);
      entry.keptUntil = entry.freshUntil + this.config.graceMs;
      entry.bytes = frozenSize(value, this.config.maxBytes);
      await this.tiers.set(key, entry);
      this.tellChange();
      return { value, source: 'database', ageMs: 0 };
    } catch (error) {
      this.observer.requested('error');
      // "There is no such thing" is an answer: what was there before must not stand in for it.
      if (isAnAnswer(error)) this.memory.remove(key);
      throw error;
    } finally {
      if (this.loads.get(key) === load) this.loads.delete(key);
    }
  }

  private overtake(key: string, load: Load): void {
    load.entry.overtaken = true;
    this.loads.delete(key);
  }

  private tellChange(): void {
    this.observer.changed(this.memory.bytes, this.memory.items);
  }
}

/** Whether the source answered, though with a refusal, as opposed to failing. */
function isAnAnswer(error: unknown): boolean {
  return error instanceof DomainError && error.details.kind !== 'internal' && error.details.kind !== 'unavailable';
}
