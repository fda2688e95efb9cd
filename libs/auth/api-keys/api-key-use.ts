import { AsyncResource } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';

const EVERY_MS = 60_000;

/** Records when an API key was last used, to the minute: one write per key and minute, whatever the number of requests. */
export class ApiKeyUse {
  readonly #notedAt = new LRUCache<string, number>({ max: 10_000 });
  // The request continues meanwhile and may hold a connection, so the write must not count as its second one.
  readonly #outside = new AsyncResource('ApiKeyUse');

  constructor(private readonly note: (keyId: string) => void) {}

  seen(keyId: string, now: number): void {
    const last = this.#notedAt.get(keyId);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.#notedAt.set(keyId, now);
    this.#outside.runInAsyncScope(this.note, undefined, keyId);
  }
}
