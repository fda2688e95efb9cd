import { AsyncResource } from 'node:async_hooks';

interface Waiter<V> {
  resolve(value: V | undefined): void;
  reject(error: unknown): void;
}

/**
 * Loads values by key, one batch at a time. Keys requested while a batch is running wait for the next one, so a thousand
 * logins or a flood of unknown keys cost one query per round trip and one connection.
 */
export class BatchLoader<V> {
  readonly #waiting = new Map<string, Waiter<V>[]>();
  // A batch serves many callers, so it must not run inside the request context (or transaction) of one of them.
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
      // In the next tick of the event loop, so every key requested in this one shares the batch.
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
