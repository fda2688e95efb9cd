/** A token bucket: `perSecond` on average, with a burst of the same size. Times are parameters, in ms. */
export class RateBudget {
  #tokens: number;
  #filledAt: number | undefined;

  /** @param perSecond may change at any time */
  constructor(public perSecond: number) {
    this.#tokens = perSecond;
  }

  /** Takes one token. @returns 0 on success, else the wait for the next token in ms */
  take(now: number): number {
    const elapsed = Math.max(0, now - (this.#filledAt ?? now));
    this.#filledAt = now;
    this.#tokens = Math.min(this.perSecond, this.#tokens + (elapsed * this.perSecond) / 1000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / this.perSecond);
  }
}
