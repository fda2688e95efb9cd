import type { FeedMark } from '#changes';
import { DomainError } from '#errors';
import { withTimeout } from '#resilience';
import { CacheContent, type CacheObserver } from './cache-content.js';
import type { CacheEntry } from './cache-entry.js';
import { CacheLoads, type Load } from './cache-loads.js';
import type { Cached, CacheLoader, CacheReport, CacheSettings, Renewal } from './cache-settings.js';
import type { CachingConfig } from './caching.config.js';
import type { FollowedFeed } from './feed-marks.js';
import type { Found, SharedEntries } from './shared-entries.js';

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

/** What a cache that follows a topic of the change feed has besides its memory. */
export interface CacheBackground {
  feed?: FollowedFeed | undefined;
  /** The second tier: the values of all processes. */
  shared?: SharedEntries | undefined;
}

const nothing = (): void => undefined;
const SILENT: CacheObserver = { requested: nothing, evicted: nothing, changed: nothing, loaded: nothing };

/**
 * Keeps values in memory that are expensive to load or to build. Concurrent callers of a key share one load. A failed
 * load is not kept, and all its callers get the error. `undefined`, `null`, `0`, `false` and `''` are values. All
 * callers share a value. A loader must not run inside an open transaction, because it would share data that may be
 * rolled back.
 */
export class Cache<V = unknown, Raw = V> {
  private readonly content: CacheContent<V>;
  private readonly loads = new CacheLoads();

  constructor(
    readonly name: string,
    private readonly settings: CacheSettings<V, Raw>,
    private readonly config: CachingConfig,
    observer: CacheObserver = SILENT,
    private readonly clock: () => number = Date.now,
    private readonly background: CacheBackground = {},
  ) {
    this.content = new CacheContent(settings, config, observer, clock);
  }

  /**
   * The value of `key` if it is fresh, without waiting; undefined if it must be loaded.
   * @param renewal loads a value past its `afterMs` again in the background, so that callers of a busy key never wait
   */
  peek(key: string, renewal?: Renewal<Raw>): V | undefined {
    const now = this.clock();
    const entry = this.fresh(key, now);
    if (entry === undefined) return undefined;
    if (renewal !== undefined && now - entry.askedAt >= renewal.afterMs && !this.loads.has(key)) {
      // A failure is seen by the caller that needs the value past its time and loads it again.
      this.load(key, renewal.ttlMs, renewal.load, {}, renewal.afterMs).catch(() => undefined);
    }
    return entry.value as V;
  }

  /**
   * Returns the value of `key`, loaded if it is not fresh. Never returns a stale one, because only `lookup` can mark
   * it.
   * @param ttlMs time in ms for which it is fresh, from the start of its load (at most `maxTtlMs`)
   * @throws errors of the loader
   */
  async getOrLoad(key: string, ttlMs: number, loader: CacheLoader<Raw>, options: LoadOptions = {}): Promise<V> {
    const entry = this.fresh(key);
    if (entry !== undefined) return entry.value as V;
    return (await this.load(key, ttlMs, loader, options)).value;
  }

  /**
   * Like `getOrLoad`, but also returns the source. While the source fails, returns a value in its grace period, marked
   * `stale`.
   */
  async lookup(key: string, ttlMs: number, loader: CacheLoader<Raw>, options: LookupOptions = {}): Promise<Cached<V>> {
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
    this.content.requested('miss');
    this.content.putBuilt(key, value);
    return value;
  }

  /** Drops a key, in memory before it returns. A load of it that is running answers its callers but is not kept. */
  async invalidate(key: string): Promise<void> {
    this.background.shared?.changedHere(key);
    await this.drop(key);
  }

  /** Drops every key that carries the tag, in memory before it returns. */
  async invalidateTag(tag: string): Promise<void> {
    this.background.shared?.changedHere(tag);
    await this.dropTag(tag);
  }

  /** Drops all keys. */
  clear(): void {
    this.background.shared?.changedHere(null);
    this.dropAll();
  }

  /** The change feed reports these keys and tags, or that anything may have changed. */
  heard(names: readonly string[] | null, mark: FeedMark): void {
    const changed = this.settings.anyChange ? null : names;
    this.background.shared?.heard(changed, mark);
    if (changed === null) this.dropAll();
    else for (const name of changed) void Promise.all([this.drop(name), this.dropTag(name)]);
  }

  /** Drops entries past their grace period. */
  sweep(): void {
    this.content.sweep();
  }

  report(): CacheReport {
    return { name: this.name, ...this.content.report(), redis: this.background.shared?.report() ?? null };
  }

  private fresh(key: string, now = this.clock()): CacheEntry | undefined {
    const entry = this.content.read(key);
    if (entry === undefined) return undefined;
    if (now >= entry.freshUntil || this.mayHaveMissed(entry, now)) return undefined;
    this.content.requested('hit');
    return entry;
  }

  /** Whether the feed is silent, for example because PostgreSQL is: a change of the value would not have been heard. */
  private mayHaveMissed(entry: CacheEntry, now: number): boolean {
    const readAt = this.background.feed?.lastReading?.beganAt;
    return readAt !== undefined && now - Math.max(readAt, entry.askedAt) > this.config.feedSilentMs;
  }

  private standIn(key: string): CacheEntry | undefined {
    const entry = this.content.read(key);
    return entry !== undefined && this.clock() < entry.keptUntil ? entry : undefined;
  }

  /** The source does not answer in time. The next callers do not wait for it as long again. */
  private silent(entry: CacheEntry, waitedMs: number): Cached<V> {
    entry.retryAt = this.clock() + waitedMs;
    return this.stale(entry);
  }

  private stale(entry: CacheEntry): Cached<V> {
    this.content.requested('stale');
    return { value: entry.value as V, source: 'stale', ageMs: this.clock() - entry.askedAt };
  }

  /**
   * Joins the running load, or begins one. No await before the load is registered, so that there is never a second one.
   * @param maxAgeMs age below which a value of another process counts
   */
  private load(
    key: string,
    ttlMs: number,
    loader: CacheLoader<Raw>,
    options: LoadOptions,
    maxAgeMs = ttlMs,
  ): Promise<Cached<V>> {
    const running = this.loads.joinable(key, this.clock(), ttlMs);
    if (running !== undefined) {
      this.content.requested('shared');
      return running.answer as Promise<Cached<V>>;
    }
    const load = this.loads.begin(key, this.content.newEntry(options.tags));
    const answer = this.run(key, Math.min(ttlMs, this.config.maxTtlMs), loader, load, maxAgeMs);
    load.answer = answer;
    return answer;
  }

  private async run(
    key: string,
    freshMs: number,
    loader: CacheLoader<Raw>,
    load: Load,
    maxAgeMs: number,
  ): Promise<Cached<V>> {
    const { entry } = load;
    const { shared } = this.background;
    try {
      const obtained = shared && (await shared.obtain(key, Math.min(maxAgeMs, freshMs)));
      const promoted = obtained && 'raw' in obtained && (await this.promote(key, freshMs, entry, obtained));
      if (promoted) return promoted;
      const lease = obtained && 'store' in obtained ? obtained : undefined;
      try {
        const raw = await this.content.measured(() => loader(key));
        const value = this.content.keptIfSame(key, this.opened(raw, key));
        this.content.requested('miss');
        await this.content.put(key, entry, value, freshMs);
        if (!entry.overtaken && this.settings.keeps?.(value) !== false)
          lease?.store({ raw, tags: entry.tags, freshMs });
        return { value, source: 'database', ageMs: 0 };
      } finally {
        lease?.release();
      }
    } catch (error) {
      this.content.requested('error');
      // "No such row" is an answer: the previous value must not hide it.
      if (isAnAnswer(error) && !entry.overtaken) this.content.remove(key);
      throw error;
    } finally {
      this.loads.end(key, load);
    }
  }

  /** Keeps a value of another process for the rest of its time. Undefined if it cannot be opened. */
  private async promote(key: string, freshMs: number, entry: CacheEntry, found: Found): Promise<Cached<V> | undefined> {
    let value: V;
    try {
      value = this.content.keptIfSame(key, this.opened(found.raw as Raw, key));
    } catch {
      return undefined; // The database may have another one by now, for example sealed with a newer key.
    }
    this.content.requested('promoted');
    entry.askedAt = found.askedAt;
    entry.tags = [...new Set([...entry.tags, ...found.tags])];
    await this.content.put(key, entry, value, Math.min(freshMs, found.freshMs));
    return { value, source: 'cache', ageMs: this.clock() - found.askedAt };
  }

  private opened(raw: Raw, key: string): V {
    return this.settings.open === undefined ? (raw as unknown as V) : this.settings.open(raw, key);
  }

  private async drop(key: string): Promise<void> {
    this.loads.overtake(key);
    await this.content.drop(key);
  }

  private async dropTag(tag: string): Promise<void> {
    this.loads.overtakeTagged(tag, this.settings.tagsOf !== undefined);
    await Promise.all(this.content.keysTagged(tag).map((key) => this.drop(key)));
  }

  private dropAll(): void {
    this.loads.overtakeAll();
    this.content.dropAll();
  }
}

/** Whether the source answered, though with a refusal, as opposed to failing. */
function isAnAnswer(error: unknown): boolean {
  return error instanceof DomainError && error.details.kind !== 'internal' && error.details.kind !== 'unavailable';
}
