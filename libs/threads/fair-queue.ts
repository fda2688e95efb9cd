/**
 * A queue of queues. Takes one item of each key in rotation, so a caller with many items delays another by one item
 * only.
 */
export class FairQueue<T> {
  /** In the order of the turns. The key served last is last. */
  private readonly queues = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  sizeOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  push(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.push(item);
    this.count++;
  }

  /** The next item of the key whose turn it is. */
  next(): T | undefined {
    const [first] = this.queues;
    if (first === undefined) return undefined;
    const [key, queue] = first;
    const item = queue.shift();
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    this.count--;
    return item;
  }

  /** @returns whether the item was in the queue */
  remove(key: string, item: T): boolean {
    const queue = this.queues.get(key);
    const at = queue?.indexOf(item) ?? -1;
    if (queue === undefined || at < 0) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.queues.delete(key);
    this.count--;
    return true;
  }
}
