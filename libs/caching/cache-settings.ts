import type { Changes } from '#changes';

/** How one cache behaves. All of it is optional. `Raw` is what its loaders return. */
export interface CacheSettings<V, Raw = V> {
  /** Maximum number of entries, least recently used out first (default CACHING_MAX_ITEMS). */
  maxItems?: number;
  /** Maximum size, in estimated bytes (default: 64 MiB). */
  maxBytes?: number;
  /** Topic of the change feed. A changed key drops the entry with that key and all entries with that tag. */
  topic?: Parameters<Changes['onChange']>[0];
  /** Any change of the topic drops all entries. */
  anyChange?: boolean;
  /**
   * Keeps the raw values in Redis too, sealed, for all processes. They must be plain data. Needs `topic`, or an old value
   * would come back. `shape`: raise it when the raw values change, because processes of two releases run at once.
   */
  shared?: { shape: number };
  /** Makes the value of what a loader, or another process, returned. For values that are no plain data, or hold a secret. */
  open?: (raw: Raw, key: string) => V;
  /** Size of a value in bytes. Without it values are plain data: they are frozen and measured. */
  sizeOf?: (value: V) => number;
  /** Tags of a value, in addition to those that the caller names. */
  tagsOf?: (value: V) => readonly string[];
  /** Whether a loaded value is stored (default: every value, `undefined` too). */
  keeps?: (value: V) => boolean;
  /** Whether a newly loaded value equals the one in memory, which then stays the same object. */
  same?: (kept: V, loaded: V) => boolean;
  /** Whether a stale value may be answered for this error (default: every error that is no answer of the source). */
  standsInFor?: (error: unknown) => boolean;
  /** How long after its time a value is kept for stale answers, ms (default: 5 minutes). */
  graceMs?: number;
  /** Shortest time between two loads of a failing source while a stale value is answered, ms (default: 1 s). */
  retryMs?: number;
}

export type CacheLoader<V> = (key: string) => Promise<V>;

/** How `peek` renews a value in the background. */
export interface Renewal<V> {
  /** Age from which a value is renewed, ms. */
  afterMs: number;
  /** Of the renewed value, ms. */
  ttlMs: number;
  load: CacheLoader<V>;
}

/** A value and its source. `stale`: its time is over and the source fails. `ageMs` is its age. */
export interface Cached<V> {
  readonly value: V;
  readonly source: 'database' | 'cache' | 'stale';
  readonly ageMs: number;
}

/** Content and counts of one cache since the process started. */
export interface CacheReport {
  name: string;
  entries: number;
  /** Estimated. */
  bytes: number;
  maxEntries: number;
  /** Null: bounded by entries alone. */
  maxBytes: number | null;
  hits: number;
  /** Loads that gave a value. */
  misses: number;
  /** Values that another process had loaded. */
  promoted: number;
  /** Callers that joined a running load. */
  shared: number;
  /** Stale values answered while the source failed. */
  stale: number;
  loadFailures: number;
  /** Entries dropped to keep the bounds. */
  evictions: number;
  /** Age of the oldest entry, ms; null when the cache is empty. */
  oldestMs: number | null;
  /** Mean duration of a load from the source, in ms; null before the first. */
  meanLoadMs: number | null;
  /** The values in Redis, as this process uses them. Null: this cache has none there. */
  redis: SharedReport | null;
}

/** What a process did with the values of one cache in Redis. */
export interface SharedReport {
  /** Values of other processes that were used. */
  hits: number;
  /** Keys without a value. */
  misses: number;
  /** Values that were older than a change that this process knew of. */
  refused: number;
  /** Hits after waiting for the load of another process. */
  waited: number;
  /** Redis did not answer in time. */
  errors: number;
  stored: number;
  storedBytes: number;
  /** Mean time that a load waited for Redis, in ms; null before the first. */
  meanMs: number | null;
}
