import { AsyncResource } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';

const EVERY_MS = 60_000;

/** Notes when a API key was last used, to the minute: one write a key and minute, however many requests it makes. */
export class ApiKeyUse {
  readonly #notedAt = new LRUCache<string, number>({ max: 10_000 });
  // The request goes on meanwhile and may hold a connection: the note must not count as its second one.
  readonly #outside = new AsyncResource('ApiKeyUse');

  constructor(private readonly note: (keyId: string) => void) {}

  seen(keyId: string, now: number): void {
    const last = this.#notedAt.get(keyId);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.#notedAt.set(keyId, now);
    this.#outside.runInAsyncScope(this.note, undefined, keyId);
  }
}
