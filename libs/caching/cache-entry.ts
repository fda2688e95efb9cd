/** One value in memory. Made when its load begins, so that an invalidation can reach it before it is stored. */
export interface CacheEntry {
  value: unknown;
  tags: readonly string[];
  /** When its load began, in this process or another one, ms: the value is at most this old. */
  askedAt: number;
  freshUntil: number;
  /** End of the grace period. Until then the value may be answered, marked stale, while its source fails. */
  keptUntil: number;
  /** While stale: time from which the source may be queried again. */
  retryAt: number;
  bytes: number;
  /** An invalidation arrived during the load. Later callers must not see the result. */
  overtaken: boolean;
}
