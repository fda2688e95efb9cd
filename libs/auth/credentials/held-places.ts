/** Counts the places that each key holds, up to a maximum per key. Keys without a place take no memory. */
export class HeldPlaces {
  readonly #held = new Map<string, number>();

  constructor(private readonly maxPerKey: number) {}

  /** @returns false if the key holds the maximum; then nothing is counted */
  take(key: string): boolean {
    const held = this.#held.get(key) ?? 0;
    if (held >= this.maxPerKey) return false;
    this.#held.set(key, held + 1);
    return true;
  }

  give(key: string): void {
    const left = (this.#held.get(key) ?? 0) - 1;
    if (left > 0) this.#held.set(key, left);
    else this.#held.delete(key);
  }
}
