import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cut } from './cut.js';

export interface CutClockOptions {
  /** Least time between the starts of two computations: 100 ms are 10 a second. */
  tickMs: number;
  /** While somebody watches, look at least this often, in case a hint was lost. */
  pollMs: number;
  /** A computation that takes longer counts as failing until it ends: a database that is silent is as far away as one that refuses. */
  lateMs: number;
  now?: () => number;
}

export type CutListener = (from: Cut | undefined, to: Cut) => void;

/**
 * When cuts are computed: never two at once, at most one a tick, only while somebody watches or asks, and one answer for all
 * who asked. However many clients there are, PostgreSQL sees one reader.
 */
export class CutClock {
  current: Cut | undefined;
  /** When the last computation that succeeded began: what `current` shows was true then or later. */
  verifiedAt = -Infinity;
  failure: unknown;
  #startedAt = -Infinity;
  #running = false;
  #again = false;
  #watchers = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #waiting: PromiseWithResolvers<Cut> | undefined;
  #stopped = false;
  readonly #listeners = new Set<CutListener>();
  readonly #healthListeners = new Set<(failing: boolean) => void>();
  readonly #now: () => number;
  /** Work runs outside of whichever request asked first: it must not join that request's transaction or carry its id. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly compute: (previous: Cut | undefined, ageMs: number) => Promise<Cut>,
    private readonly options: CutClockOptions,
  ) {
    this.#now = options.now ?? (() => performance.now());
  }

  get ageMs(): number {
    return Math.max(0, this.#now() - this.verifiedAt);
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  onCut(listener: CutListener): void {
    this.#listeners.add(listener);
  }

  /** Called when computing begins to fail (or to take too long), and when it works again. */
  onHealth(listener: (failing: boolean) => void): void {
    this.#healthListeners.add(listener);
  }

  /** Somebody watches from now on. */
  watch(): void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#schedule(0);
  }

  unwatch(): void {
    this.#watchers -= 1;
  }

  /** Something may have changed; matters only while somebody watches. */
  hint(): void {
    if (this.isWatched) this.#schedule(0);
  }

  /** Computes soon, for nobody in particular. */
  refresh(): void {
    this.#schedule(0);
  }

  /** The cut of the next computation that *begins* after this call, so that a caller sees what it wrote before. */
  next(): Promise<Cut> {
    if (this.#stopped) return Promise.reject(new Error('The clock has stopped.'));
    this.#waiting ??= Promise.withResolvers<Cut>();
    this.#schedule(0);
    return this.#waiting.promise;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#waiting?.promise.catch(() => undefined);
    this.#waiting?.reject(new Error('The clock has stopped.'));
    this.#waiting = undefined;
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    const earliest = this.#startedAt + this.options.tickMs;
    const at = Math.max(this.#now() + inMs, earliest);
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#outside(() => {
      this.#timer = setTimeout(() => void this.#tick(), Math.max(0, at - this.#now()));
      this.#timer.unref();
    });
  }

  async #tick(): Promise<void> {
    this.#timerAt = Infinity;
    // The one that runs began before whoever asks now: its end looks again.
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#again = false;
    this.#startedAt = this.#now();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const late = setTimeout(
      () => this.#fail(new Error(`No cut in ${this.options.lateMs} ms.`)),
      this.options.lateMs,
    ).unref();
    try {
      const cut = await this.compute(this.current, this.ageMs);
      this.#succeed(cut);
      waiting?.resolve(cut);
    } catch (error) {
      this.#fail(error);
      waiting?.reject(error);
    } finally {
      clearTimeout(late);
      this.#running = false;
      if (this.#waiting || this.#again) this.#schedule(0);
      else if (this.isWatched) this.#schedule(this.options.pollMs);
    }
  }

  #succeed(cut: Cut): void {
    if (this.#stopped) return;
    const from = this.current;
    const wasFailing = this.failure !== undefined;
    this.verifiedAt = this.#startedAt;
    this.current = cut;
    this.failure = undefined;
    if (from?.snapshot.id !== cut.snapshot.id || from.snapshot.position !== cut.snapshot.position)
      for (const listener of this.#listeners) listener(from, cut);
    if (wasFailing) for (const listener of this.#healthListeners) listener(false);
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    const wasFailing = this.failure !== undefined;
    this.failure = error;
    if (!wasFailing) for (const listener of this.#healthListeners) listener(true);
  }
}
