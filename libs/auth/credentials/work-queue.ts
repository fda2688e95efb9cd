/** Why a job was not taken: all places are busy and the waiting line is full. */
export class QueueFull extends Error {}

/** Runs at most `concurrency` jobs at once and lets at most `maxWaiting` wait, first come first served. */
export class WorkQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
  ) {}

  /** Jobs running and waiting. */
  get depth(): number {
    return this.#running + this.#waiting.length;
  }

  /** @throws QueueFull at once, without waiting */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.concurrency) {
      if (this.#waiting.length >= this.maxWaiting) throw new QueueFull();
      // The job that ends hands its place over, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
