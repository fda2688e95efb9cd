import type { Cache, Caches, Renewal } from '#caching';
import { BatchLoader } from './batch-loader.js';
import { type CredentialStatus, sameStatus } from './credential-status.js';

const MAX_ENTRIES = 50_000;
/** Estimate of a status with its roles, hash and index entries. */
const ENTRY_BYTES = 900;

/**
 * Caches the status of logins and API keys for `ttlMs` from the start of the query. After half of that time the entry is
 * renewed in the background, so a busy login never waits. After all of it callers wait for the new one. A change
 * of a user drops the user's entries, at once in this process and within the delay of the change feed in others.
 */
export class CredentialStatuses {
  readonly #cache: Cache<CredentialStatus | undefined>;
  readonly #renewal: Renewal<CredentialStatus | undefined>;

  constructor(
    caches: Pick<Caches, 'open'>,
    loadMany: (lookups: string[]) => Promise<ReadonlyMap<string, CredentialStatus>>,
    /** Whether an error means that PostgreSQL is unreachable: then nobody can revoke anything, and the last answer holds. */
    isOutage: (error: unknown) => boolean,
    private readonly ttlMs: number,
    maxItems = MAX_ENTRIES,
  ) {
    const loader = new BatchLoader(loadMany);
    this.#renewal = { afterMs: ttlMs / 2, ttlMs, load: (lookup) => loader.load(lookup) };
    this.#cache = caches.open('credential_status', {
      maxItems,
      topic: 'users',
      sizeOf: () => ENTRY_BYTES,
      tagsOf: (status) => (status === undefined ? [] : [status.userId]),
      keeps: (status) => status !== undefined,
      // The same object as long as nothing changed: the authenticator compares it by identity.
      same: (kept, loaded) => kept !== undefined && loaded !== undefined && sameStatus(kept, loaded),
      standsInFor: isOutage,
      graceMs: Infinity,
      retryMs: 0,
    });
  }

  /** The status if it is in memory and fresh. The same object as long as nothing changed. */
  fresh(lookup: string): CredentialStatus | undefined {
    return this.#cache.peek(lookup, this.#renewal);
  }

  /** Asks the database unless fresh. Undefined if there is no such login or key. Tokens still end by their own time. */
  async find(lookup: string): Promise<CredentialStatus | undefined> {
    return this.fresh(lookup) ?? (await this.#cache.lookup(lookup, this.ttlMs, this.#renewal.load)).value;
  }

  forgetUser(userId: string): void {
    void this.#cache.invalidateTag(userId);
  }

  forgetAll(): void {
    this.#cache.clear();
  }
}
