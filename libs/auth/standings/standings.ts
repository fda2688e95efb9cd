import type { Cache, Caches, Renewal } from '#caching';
import { BatchLoader } from './batch-loader.js';
import { type Standing, sameStanding } from './standing.js';

const MAX_ENTRIES = 50_000;
/** Estimate of a standing with its roles, hash and index entries. */
const ENTRY_BYTES = 900;

/**
 * What the database says of logins and API keys, believed for `ttlMs` from the begin of the query. Past half of it the
 * answer is renewed in the background, so a busy login never waits. Past all of it callers wait for the new one. A change
 * of a user drops the user's standings: here at once, in other processes within the delay of the change feed.
 */
export class Standings {
  readonly #cache: Cache<Standing | undefined>;
  readonly #renewal: Renewal<Standing | undefined>;

  constructor(
    caches: Pick<Caches, 'open'>,
    loadMany: (lookups: string[]) => Promise<ReadonlyMap<string, Standing>>,
    /** Whether an error means that PostgreSQL is unreachable: then nobody can revoke anything, and the last answer holds. */
    isOutage: (error: unknown) => boolean,
    private readonly ttlMs: number,
    maxItems = MAX_ENTRIES,
  ) {
    const loader = new BatchLoader(loadMany);
    this.#renewal = { afterMs: ttlMs / 2, ttlMs, load: (lookup) => loader.load(lookup) };
    this.#cache = caches.open('standings', {
      maxItems,
      topic: 'users',
      sizeOf: () => ENTRY_BYTES,
      tagsOf: (standing) => (standing === undefined ? [] : [standing.userId]),
      keeps: (standing) => standing !== undefined,
      // The same object as long as nothing changed: the authenticator compares it by identity.
      same: (kept, loaded) => kept !== undefined && loaded !== undefined && sameStanding(kept, loaded),
      standsInFor: isOutage,
      graceMs: Infinity,
      retryMs: 0,
    });
  }

  /** The standing if it is in memory and fresh. The same object as long as nothing changed. */
  fresh(lookup: string): Standing | undefined {
    return this.#cache.peek(lookup, this.#renewal);
  }

  /** Asks the database unless fresh. Undefined if there is no such login or key. Tokens still end by their own time. */
  async find(lookup: string): Promise<Standing | undefined> {
    return this.fresh(lookup) ?? (await this.#cache.lookup(lookup, this.ttlMs, this.#renewal.load)).value;
  }

  forgetUser(userId: string): void {
    void this.#cache.invalidateTag(userId);
  }

  forgetAll(): void {
    this.#cache.clear();
  }
}
