import { host } from './host.js';

/** Listeners of one event. One that throws stops neither the others nor the caller: its error is reported as an uncaught one. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<{ notify: (...args: Args) => void }>();

  get size(): number {
    return this.#all.size;
  }

  /** A listener that is added twice is called twice. @returns removes it; whether it was still there */
  add(notify: (...args: Args) => void): () => boolean {
    const own = { notify };
    this.#all.add(own);
    return () => this.#all.delete(own);
  }

  notify(...args: Args): void {
    for (const listener of [...this.#all]) {
      try {
        listener.notify(...args);
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  clear(): void {
    this.#all.clear();
  }
}

function reportUncaught(error: unknown): void {
  if (host.reportError !== undefined) return host.reportError(error);
  queueMicrotask(() => {
    throw error;
  });
}
