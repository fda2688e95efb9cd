import { withTimeout } from '#resilience';

/**
 * Runs one piece of work at a time per name, in order of arrival. Requests with the same key wait here instead of on a
 * connection: 50 concurrent retries would otherwise hold the whole pool until the first one ends.
 */
export class KeyTurns {
  private readonly last = new Map<string, Promise<void>>();

  /** Number of names with running or waiting work. */
  get size(): number {
    return this.last.size;
  }

  /**
   * @param waitMs maximum time to wait for earlier work
   * @param tooLong makes the error that is thrown when this time has passed
   */
  async take<T>(name: string, waitMs: number, tooLong: () => Error, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const turn = before === undefined ? left : before.then(() => left);
    this.last.set(name, turn);
    void turn.then(() => {
      if (this.last.get(name) === turn) this.last.delete(name);
    });
    try {
      if (before !== undefined)
        await withTimeout(before, waitMs, () => {
          throw tooLong();
        });
      return await work();
    } finally {
      leave();
    }
  }
}
