/** Notices a reader that takes too little of what waits for it. Times are parameters, in ms. */
export class ReaderProgress {
  #since: number | undefined;
  #takenThen = 0;

  /** @param enough bytes that count as progress */
  constructor(private readonly enough: number) {}

  /**
   * @param unsent bytes that wait
   * @param taken bytes that were taken since the connection was opened
   * @returns the time since nothing waited or since the last progress, in ms
   */
  stalledMs(unsent: number, taken: number, now: number): number {
    if (unsent === 0) {
      this.#since = undefined;
      return 0;
    }
    if (this.#since === undefined || taken - this.#takenThen >= this.enough) {
      this.#since = now;
      this.#takenThen = taken;
    }
    return now - this.#since;
  }
}
