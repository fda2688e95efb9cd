const BUCKET_MS = 1_000;

/** The highest value within the last seconds. Times are parameters, in ms. */
export class Peaks {
  readonly #highest: number[];
  readonly #seconds: number[];

  /** @param longestMs longest window that is asked for */
  constructor(longestMs: number) {
    const buckets = Math.ceil(longestMs / BUCKET_MS);
    this.#highest = Array<number>(buckets).fill(0);
    this.#seconds = Array<number>(buckets).fill(-1);
  }

  /** Call it with each new value, and once per second. */
  note(value: number, now: number): void {
    const second = Math.floor(now / BUCKET_MS);
    const at = second % this.#highest.length;
    this.#highest[at] = this.#seconds[at] === second ? Math.max(this.#highest[at]!, value) : value;
    this.#seconds[at] = second;
  }

  over(windowMs: number, now: number): number {
    const oldest = Math.floor((now - windowMs) / BUCKET_MS);
    return this.#highest.reduce((peak, value, at) => (this.#seconds[at]! > oldest ? Math.max(peak, value) : peak), 0);
  }
}
