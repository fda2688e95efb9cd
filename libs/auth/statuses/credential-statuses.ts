import type { Cache, Caches, Renewal } from '#caching';
import { databaseUnavailable } from '#database';
import { withTimeout } from '#resilience';
import { BatchLoader } from './batch-loader.js';
import { type CredentialStatus, sameStatus } from './credential-status.js';

const MAX_ENTRIES = 50_000;
/** Estimate of a status with its roles, hash and index entries. */
const ENTRY_BYTES = 900;

export interface StatusTimes {
  /** How long an answer of the database counts. */
  ttlMs: number;
  /** How long beyond that it counts for reads while PostgreSQL does not answer. */
  graceMs: number;
  /** How long a read waits for a new answer before the last one counts. */
  waitMs: number;
  /** How long a write waits for a new answer before it is refused. */
  writeWaitMs: number;
}

/**
 * Caches the status of logins and API keys for `ttlMs` from the start of the query. After half of that time the entry
 * is renewed in the background, so a busy login never waits. After all of it callers wait for the new one. A change of
 * a user drops the user's entries, at once in this process and within the delay of the change feed in others.
 * While PostgreSQL does not answer, nobody can revoke anything either, so reads use the last answer for `graceMs` more.
 */
export class CredentialStatuses {
  readonly #cache: Cache<CredentialStatus | undefined>;
  readonly #renewal: Renewal<CredentialStatus | undefined>;

  constructor(
    caches: Pick<Caches, 'open'>,
    loadMany: (lookups: string[]) => Promise<ReadonlyMap<string, CredentialStatus>>,
    /** Whether an error means that PostgreSQL is unreachable: then the last answer holds for reads, for a while. */
    isOutage: (error: unknown) => boolean,
    private readonly times: StatusTimes,
    maxItems = MAX_ENTRIES,
  ) {
    const loader = new BatchLoader(loadMany);
    this.#renewal = { afterMs: times.ttlMs / 2, ttlMs: times.ttlMs, load: (lookup) => loader.load(lookup) };
    this.#cache = caches.open('credential_status', {
      maxItems,
      topic: 'users',
      // Its age counts from the query, whichever process made it: a revoked login is refused after 2 s everywhere.
      shared: { shape: 1 },
      sizeOf: () => ENTRY_BYTES,
      tagsOf: (status) => (status === undefined ? [] : [status.userId]),
      keeps: (status) => status !== undefined,
      // The same object as long as nothing changed: the authenticator compares it by identity.
      same: (kept, loaded) => kept !== undefined && loaded !== undefined && sameStatus(kept, loaded),
      standsInFor: isOutage,
      graceMs: times.graceMs,
      retryMs: 0,
    });
  }

  /** The status if it is in memory and fresh. The same object as long as nothing changed. */
  fresh(lookup: string): CredentialStatus | undefined {
    return this.#cache.peek(lookup, this.#renewal);
  }

  /**
   * Queries the database unless the entry is fresh. Undefined if there is no such login or key. Tokens still expire by
   * their own time.
   * @param write a write needs the answer of the database; a read uses the last one when PostgreSQL is silent or
   * unreachable
   */
  async find(lookup: string, write: boolean): Promise<CredentialStatus | undefined> {
    const fresh = this.fresh(lookup);
    if (fresh !== undefined) return fresh;
    const { ttlMs, waitMs } = this.times;
    if (write)
      return withTimeout(this.#cache.getOrLoad(lookup, ttlMs, this.#renewal.load), this.times.writeWaitMs, () => {
        throw databaseUnavailable();
      });
    return (await this.#cache.lookup(lookup, ttlMs, this.#renewal.load, { waitMs })).value;
  }

  forgetUser(userId: string): void {
    void this.#cache.invalidateTag(userId);
  }

  forgetAll(): void {
    this.#cache.clear();
  }
}
