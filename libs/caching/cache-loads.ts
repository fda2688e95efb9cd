import type { CacheEntry } from './cache-entry.js';
import type { Cached } from './cache-settings.js';

/** A load in progress. Its entry is not in the cache yet. */
export interface Load {
  readonly entry: CacheEntry;
  answer: Promise<Cached<unknown>>;
}

/** The loads in progress of one cache, by key. An overtaken load answers its callers and is not kept. */
export class CacheLoads {
  private readonly loads = new Map<string, Load>();

  has(key: string): boolean {
    return this.loads.has(key);
  }

  /** The load that a caller may join: it began at most `ttlMs` ago. An older one would give a value that is too old. */
  joinable(key: string, now: number, ttlMs: number): Load | undefined {
    const running = this.loads.get(key);
    if (running === undefined) return undefined;
    if (now - running.entry.askedAt < ttlMs) return running;
    this.overtake(key);
    return undefined;
  }

  begin(key: string, entry: CacheEntry): Load {
    const load: Load = { entry, answer: Promise.resolve() as never };
    this.loads.set(key, load);
    return load;
  }

  end(key: string, load: Load): void {
    if (this.loads.get(key) === load) this.loads.delete(key);
  }

  overtake(key: string): void {
    const load = this.loads.get(key);
    if (load === undefined) return;
    load.entry.overtaken = true;
    this.loads.delete(key);
  }

  /** @param unknownTags tags that come of the value are unknown until it is loaded: any load may carry the tag */
  overtakeTagged(tag: string, unknownTags: boolean): void {
    for (const [key, { entry }] of this.loads) if (unknownTags || entry.tags.includes(tag)) this.overtake(key);
  }

  overtakeAll(): void {
    for (const key of this.loads.keys()) this.overtake(key);
  }
}
