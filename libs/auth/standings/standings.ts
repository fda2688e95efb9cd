import { LRUCache } from 'lru-cache';
import { BatchLoader } from './batch-loader.js';
import { type Standing, sameStanding } from './standing.js';

interface Remembered {
  standing: Standing;
  /** When the query that gave it began, ms. */
  askedAt: number;
  renewing: boolean;
}

/**
 * What the database says of logins and API keys, remembered for `ttlMs`. Past half of it the answer is renewed in the
 * background, so that a busy login never waits; past all of it callers wait for the new one. `forgetUser` is called by
 * the change feed, which makes revocation immediate here and within the feed's delay elsewhere; the TTL is the backstop.
 */
export class Standings {
  readonly #known: LRUCache<string, Remembered>;
  readonly #lookupsOfUser = new Map<string, Set<string>>();
  readonly #loader: BatchLoader<Standing>;
  /** Raised by every forgetting: an answer asked for before it is not remembered after it. */
  #generation = 0;

  constructor(
    loadMany: (lookups: string[]) => Promise<ReadonlyMap<string, Standing>>,
    /** Whether an error means that PostgreSQL is away, when what was last known is the best there is. */
    private readonly isOutage: (error: unknown) => boolean,
    private readonly ttlMs: number,
    max = 50_000,
  ) {
    this.#loader = new BatchLoader(loadMany);
    this.#known = new LRUCache({ max, dispose: (known, lookup) => this.#unindex(known.standing.userId, lookup) });
  }

  /** The standing if it is remembered and fresh. The same object as long as nothing changed. */
  fresh(lookup: string, now: number): Standing | undefined {
    const known = this.#known.get(lookup);
    if (known === undefined) return undefined;
    const age = now - known.askedAt;
    if (age >= this.ttlMs) return undefined;
    if (age >= this.ttlMs / 2) this.#renew(lookup, known, now);
    return known.standing;
  }

  /** Asks the database unless fresh. Undefined if it knows no such thing. */
  async find(lookup: string, now: number): Promise<Standing | undefined> {
    const fresh = this.fresh(lookup, now);
    if (fresh !== undefined) return fresh;
    try {
      return await this.#load(lookup, now);
    } catch (error) {
      // While PostgreSQL is away nobody can revoke anything either; tokens still end by their own time.
      const known = this.#known.get(lookup);
      if (known !== undefined && this.isOutage(error)) return known.standing;
      throw error;
    }
  }

  forgetUser(userId: string): void {
    this.#generation += 1;
    for (const lookup of [...(this.#lookupsOfUser.get(userId) ?? [])]) this.#known.delete(lookup);
  }

  forgetAll(): void {
    this.#generation += 1;
    this.#known.clear();
  }

  #renew(lookup: string, known: Remembered, now: number): void {
    if (known.renewing) return;
    known.renewing = true;
    this.#load(lookup, now)
      .catch(() => undefined) // Whoever needs it past its TTL asks again and sees the error.
      .finally(() => (known.renewing = false));
  }

  async #load(lookup: string, now: number): Promise<Standing | undefined> {
    const generation = this.#generation;
    const loaded = await this.#loader.load(lookup);
    if (generation !== this.#generation) return loaded;
    const known = this.#known.get(lookup);
    if (loaded === undefined) {
      this.#known.delete(lookup);
      return undefined;
    }
    if (known === undefined || !sameStanding(known.standing, loaded)) {
      this.#remember(loaded, now);
      return loaded;
    }
    known.askedAt = Math.max(known.askedAt, now);
    return known.standing;
  }

  #remember(standing: Standing, askedAt: number): void {
    this.#known.set(standing.lookup, { standing, askedAt, renewing: false });
    const lookups = this.#lookupsOfUser.get(standing.userId);
    if (lookups === undefined) this.#lookupsOfUser.set(standing.userId, new Set([standing.lookup]));
    else lookups.add(standing.lookup);
  }

  #unindex(userId: string, lookup: string): void {
    const lookups = this.#lookupsOfUser.get(userId);
    lookups?.delete(lookup);
    if (lookups?.size === 0) this.#lookupsOfUser.delete(userId);
  }
}
