import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { FeedMark, FeedReading } from '#changes';
import type { RedisScript } from '#redis';
import { withTimeout } from '#resilience';
import type { SharedReport } from './cache-settings.js';
import type { CachingConfig } from './caching.config.js';
import { FeedMarks, type FollowedFeed } from './feed-marks.js';
import type { SharedEntry, SharedSeal } from './shared-seal.js';
import { READ, RELEASE, STORE, TAKE } from './shared-scripts.js';

/** What the second tier needs of Redis. */
export interface SharedStore {
  readonly available: boolean;
  key(...parts: string[]): string;
  script<T>(script: RedisScript, keys: string[], args: string[]): Promise<T>;
}

export type SharedOutcome = 'hit' | 'miss' | 'refused' | 'waited' | 'error' | 'stored';

/** A value of another process, as its loader returned it. */
export interface Found {
  readonly raw: unknown;
  readonly tags: readonly string[];
  /** When its load began at the earliest, by the clock of this process, in ms. */
  readonly askedAt: number;
  readonly freshMs: number;
}

/** The right to load a key for all processes. */
export interface Lease {
  /** Stores what was loaded, for all processes. */
  store(value: Pick<SharedEntry, 'raw' | 'tags' | 'freshMs'>): void;
  /** The next process may load. Without effect after `store`. */
  release(): void;
}

export interface SharedParts {
  store: SharedStore;
  seal: SharedSeal;
  feed: FollowedFeed;
  config: CachingConfig;
  /** Counts an outcome. `ms` is the time that the caller waited for Redis. */
  observe: (outcome: SharedOutcome, ms?: number, bytes?: number) => void;
  clock: () => number;
}

interface Place {
  keys: [value: string, lock: string];
  /** What the sealed value is bound to. */
  name: string;
}

/** The reply of a script: whether this process has the lock, and the value with its remaining time. */
type Reply = [value: string, leftMs: number] | null;

/**
 * The values of one cache in Redis. A value counts if it is sealed by a process of this desk and includes every change of
 * it that this process has heard of (FeedMarks). One process at a time loads a key for all. Redis is given a bounded time;
 * whatever it does, the caller then loads the value from the database.
 */
export class SharedEntries {
  private readonly marks: FeedMarks;
  private readonly counts: Record<SharedOutcome, number> = {
    ...{ hit: 0, miss: 0, refused: 0, waited: 0, error: 0, stored: 0 },
  };
  private bytes = 0;
  private calls = 0;
  private totalMs = 0;

  /** @param shape of the raw values: two releases with other shapes do not read each other's */
  constructor(
    private readonly cache: string,
    private readonly shape: number,
    private readonly parts: SharedParts,
  ) {
    this.marks = new FeedMarks(parts.feed);
  }

  /** The feed reported changes of these keys and tags, or of anything. */
  heard(names: readonly string[] | null, mark: FeedMark): void {
    this.marks.heard(names, mark);
  }

  /** This process changed a key or tag, or anything. Values of other processes count again when the feed was read after it. */
  changedHere(name: string | null): void {
    this.marks.changedHere(name);
  }

  /**
   * A value that is younger than `maxAgeMs`, or the right to load it for all. Undefined: load it for this process alone,
   * because Redis does not answer, the feed was not read lately, or the loader of another process takes too long.
   */
  async obtain(key: string, maxAgeMs: number): Promise<Found | Lease | undefined> {
    const { store, feed, config, clock } = this.parts;
    const reading = feed.lastReading;
    if (!store.available || reading === undefined || clock() - reading.beganAt > config.feedSilentMs) return undefined;
    const place = this.placeOf(key, reading.database);
    const attempt = new Attempt(this.parts, place, config.sharedBudgetMs);
    const accept = (reply: Reply, askedAt: number) => this.accept(key, place, reply, askedAt, maxAgeMs);
    try {
      const found = accept(...(await attempt.read()));
      if (found !== undefined) return this.answered('hit', attempt, found);
      for (let waitMs = 5, waitedMs = 0; ; waitMs = Math.min(2 * waitMs, 25)) {
        const { taken, reply, askedAt } = await attempt.take(config.sharedLockMs);
        const loaded = accept(reply, askedAt);
        if (loaded !== undefined) {
          if (taken) attempt.release();
          return this.answered(waitedMs === 0 ? 'hit' : 'waited', attempt, loaded);
        }
        if (taken)
          return this.answered(reply === null ? 'miss' : 'refused', attempt, this.lease(attempt, feed.lastReading!));
        if (waitedMs >= config.sharedWaitMs) return this.answered('miss', attempt, undefined);
        await pause(waitMs);
        waitedMs += waitMs;
      }
    } catch {
      return this.answered('error', attempt, undefined);
    }
  }

  report(): SharedReport {
    const { hit: hits, miss: misses, refused, waited, error: errors, stored } = this.counts;
    const meanMs = this.calls === 0 ? null : Number((this.totalMs / this.calls).toFixed(3));
    return { hits, misses, refused, waited, errors, stored, storedBytes: this.bytes, meanMs };
  }

  /** Keys in Redis are hashes: they may name persons. Desks with other databases do not meet. */
  private placeOf(key: string, database: string): Place {
    const name = JSON.stringify([database, this.cache, this.shape, key]);
    // In braces, so that a Redis Cluster keeps value and lock together.
    const hash = `{${createHash('sha256').update(name).digest('base64url').slice(0, 22)}}`;
    const { store } = this.parts;
    return { keys: [store.key('cache', this.cache, hash), store.key('cache', this.cache, hash, 'lock')], name };
  }

  private accept(key: string, { name }: Place, reply: Reply, askedAt: number, maxAgeMs: number): Found | undefined {
    if (reply === null) return undefined;
    const entry = this.parts.seal.open(reply[0], name);
    if (entry === undefined || !this.marks.admits(entry, [key, ...entry.tags])) return undefined;
    const began = askedAt - (entry.freshMs - reply[1]);
    if (this.parts.clock() - began >= maxAgeMs) return undefined;
    return { raw: entry.raw, tags: entry.tags, askedAt: began, freshMs: entry.freshMs };
  }

  /** @param included what this process had read when the load began */
  private lease(attempt: Attempt, { xmin, position }: FeedReading): Lease {
    const { seal, config } = this.parts;
    let stored = false;
    return {
      store: (value) => {
        const sealed = seal.seal({ ...value, xmin, position }, attempt.place.name);
        if (sealed === undefined || sealed.length > config.sharedMaxBytes) return;
        stored = true;
        attempt.store(sealed, Math.floor(value.freshMs), config.sharedLockMs, () => {
          this.bytes += sealed.length;
          this.count('stored', undefined, sealed.length);
        });
      },
      release: () => (stored ? undefined : attempt.release()),
    };
  }

  private answered<T>(outcome: SharedOutcome, { spentMs }: Attempt, answer: T): T {
    this.calls += 1;
    this.totalMs += spentMs;
    this.count(outcome, spentMs);
    return answer;
  }

  private count(outcome: SharedOutcome, ms?: number, bytes?: number): void {
    this.counts[outcome] += 1;
    this.parts.observe(outcome, ms, bytes);
  }
}

/** The calls of Redis for one load. They share a time budget, which no caller waits beyond. */
class Attempt {
  private readonly token = randomUUID();
  spentMs = 0;

  constructor(
    private readonly parts: Pick<SharedParts, 'store' | 'clock'>,
    readonly place: Place,
    private readonly budgetMs: number,
  ) {}

  async read(): Promise<[reply: Reply, askedAt: number]> {
    const askedAt = this.parts.clock();
    return [await this.call(this.parts.store.script<Reply>(READ, this.place.keys, [])), askedAt];
  }

  async take(lockMs: number): Promise<{ taken: boolean; reply: Reply; askedAt: number }> {
    const askedAt = this.parts.clock();
    const args = [this.token, String(lockMs)];
    const taking = this.parts.store.script<[taken: number, value?: string, leftMs?: number]>(
      TAKE,
      this.place.keys,
      args,
    );
    const answer = await this.call(taking).catch((error: unknown) => {
      // The lock may have been taken, though nobody waits for it any more.
      void taking.then(
        () => this.release(),
        () => undefined,
      );
      throw error;
    });
    const [taken, value, leftMs] = answer;
    return { taken: taken === 1, reply: value === undefined ? null : [value, leftMs!], askedAt };
  }

  store(sealed: string, freshMs: number, lockMs: number, done: () => void): void {
    const args = [this.token, String(lockMs), String(freshMs), sealed];
    this.parts.store.script<number>(STORE, this.place.keys, args).then(
      (stored) => (stored === 1 ? done() : undefined),
      () => undefined,
    );
  }

  release(): void {
    this.parts.store.script(RELEASE, this.place.keys, [this.token]).catch(() => undefined);
  }

  private async call<T>(running: Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await withTimeout(running, Math.max(1, this.budgetMs - this.spentMs), () => {
        throw new Error(`Redis took longer than ${this.budgetMs} ms.`);
      });
    } finally {
      this.spentMs += performance.now() - began;
    }
  }
}
