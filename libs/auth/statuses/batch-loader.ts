import { AsyncResource } from 'node:async_hooks';

interface Waiter<V> {
  resolve(value: V | undefined): void;
  reject(error: unknown): void;
}

/**
 * Loads by key, one batch at a time: what is asked for while a batch is under way waits for the next one.
 * So a thousand logins, or a flood of unknown keys, is one query a round trip and one connection, never a thousand.
 */
export class BatchLoader<V> {
  readonly #waiting = new Map<string, Waiter<V>[]>();
  // A batch serves many callers: it must not run inside the request context (or transaction) of the first of them.
  readonly #outside = new AsyncResource('BatchLoader');
  #busy = false;

  constructor(
    private readonly loadMany: (keys: string[]) => Promise<ReadonlyMap<string, V>>,
    private readonly maxBatch = 1000,
  ) {}

  load(key: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(key);
      if (waiters === undefined) this.#waiting.set(key, [{ resolve, reject }]);
      else waiters.push({ resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    if (this.#busy || this.#waiting.size === 0) return;
    this.#busy = true;
    this.#outside.runInAsyncScope(() => {
      // After this turn of the loop, so that everything it asks for shares the batch.
      setImmediate(() => void this.#runBatch());
    });
  }

  async #runBatch(): Promise<void> {
    const batch = [...this.#waiting].slice(0, this.maxBatch);
    for (const [key] of batch) this.#waiting.delete(key);
    try {
      const found = await this.loadMany(batch.map(([key]) => key));
      for (const [key, waiters] of batch) for (const waiter of waiters) waiter.resolve(found.get(key));
    } catch (error) {
      for (const [, waiters] of batch) for (const waiter of waiters) waiter.reject(error);
    } finally {
      this.#busy = false;
      this.#start();
    }
  }
}
