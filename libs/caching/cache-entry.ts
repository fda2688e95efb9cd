/** One remembered value. Made when its load begins, so that an invalidation can reach it before it is stored. */
export interface CacheEntry {
  value: unknown;
  readonly tags: readonly string[];
  loadedAt: number;
  freshUntil: number;
  /** End of the grace period: until then it may stand in, marked stale, for a source that fails. */
  keptUntil: number;
  /** While stale: when the source may be asked again. */
  retryAt: number;
  bytes: number;
  /** An invalidation came while it was being loaded: it must never be given to anybody who asks later. */
  overtaken: boolean;
}
