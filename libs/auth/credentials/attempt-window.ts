import { LRUCache } from 'lru-cache';

interface Window {
  /** Attempts of all processes, as far as this one knows. */
  count: number;
  /** Attempts of this process. */
  own: number;
  /** The count when the processes last counted together. */
  base: number;
  endsAt: number;
}

/**
 * Counts attempts by key in fixed windows, each starting with the first attempt of its key.
 * Holds at most `maxKeys`, dropping the least recently used (measured: 50,000 keys of 40 characters take 15 MB).
 */
export class AttemptWindow {
  readonly #windows: LRUCache<string, Window>;

  constructor(
    readonly limit: number,
    readonly windowMs: number,
    maxKeys: number,
  ) {
    // `max` would allocate the memory of all keys at once, which takes 14 ms of a start for three windows.
    this.#windows = new LRUCache({ maxSize: maxKeys, sizeCalculation: () => 1 });
  }

  /**
   * How long the key must wait, ms; 0 if it may try.
   * @param processes that divide what is left of the limit since they last counted together. A key without attempts until
   * then may try once in each
   */
  waitMs(key: string, now: number, processes = 1): number {
    const window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) return 0;
    const { count, base, endsAt } = window;
    const allowed = Math.max(base === 0 ? 1 : 0, Math.floor((this.limit - base) / processes));
    return count - base < allowed ? 0 : endsAt - now;
  }

  add(key: string, now: number): void {
    const window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now)
      return void this.#windows.set(key, { count: 1, own: 1, base: 0, endsAt: now + this.windowMs });
    window.count += 1;
    window.own += 1;
  }

  /** Takes one attempt back, because it was not a failure. */
  refund(key: string): void {
    const window = this.#windows.get(key);
    if (window === undefined || window.own === 0) return;
    window.count -= 1;
    window.own -= 1;
  }

  forget(key: string): void {
    const window = this.#windows.get(key);
    if (window !== undefined) window.count = window.own = window.base = 0;
  }

  /** Takes over what all processes counted of the key. */
  adopt(key: string, count: number, own: number, endsAt: number): void {
    const window = this.#windows.get(key);
    if (count === 0 && window === undefined) return;
    this.#windows.set(key, { count, own, base: count, endsAt });
  }

  /** The open windows: what this process counted, and how long they last, in ms. */
  *open(now: number): Generator<{ key: string; own: number; leftMs: number }> {
    for (const [key, { own, endsAt }] of this.#windows.entries())
      if (endsAt > now) yield { key, own, leftMs: endsAt - now };
  }

  /** The highest count of a key. */
  peak(now: number): number {
    let peak = 0;
    for (const [, { count, endsAt }] of this.#windows.entries()) if (endsAt > now) peak = Math.max(peak, count);
    return peak;
  }

  get size(): number {
    return this.#windows.size;
  }
}
