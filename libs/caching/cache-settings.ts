import type { Changes } from '#changes';

/** How one cache behaves. All of it is optional. */
export interface CacheSettings<V> {
  /** Maximum number of entries, least recently used out first (default CACHING_MAX_ITEMS). */
  maxItems?: number;
  /** Maximum size, in estimated bytes (default: 64 MiB). */
  maxBytes?: number;
  /** Topic of the change feed. A changed key drops the entry with that key and all entries with that tag. */
  topic?: Parameters<Changes['onChange']>[0];
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
  /** Callers that joined a running load. */
  shared: number;
  /** Stale values answered while the source failed. */
  stale: number;
  loadFailures: number;
  /** Entries dropped to keep the bounds. */
  evictions: number;
  /** Age of the oldest entry, ms; null when the cache is empty. */
  oldestMs: number | null;
}
