import { AsyncLocalStorage } from 'node:async_hooks';
import type { Cut } from './cut.js';

/** A computation that had nothing to read delays the next one by this part of a tick only: a hint may come for what is known already. */
const PART_OF_EMPTY_TICK = 1 / 4;

export interface CutClockOptions {
  /** Minimum time between the starts of two computations that read changes: 100 ms are 10 per second. */
  tickMs: number;
  /** Poll interval while a client watches, because a hint may be lost. */
  pollMs: number;
  /** A computation that takes longer counts as failing until it ends, because a silent database is as unavailable as one that refuses. */
  lateMs: number;
  now?: () => number;
}

export type CutListener = (from: Cut | undefined, to: Cut) => void;

/**
 * Schedules the computation of cuts: one at a time, at most one per tick that reads changes, only while a client watches or asks,
 * and one result for all callers. PostgreSQL sees one reader, whatever the number of clients.
 */
export class CutClock {
  current: Cut | undefined;
  /** Start of the last successful computation. `current` matched the database then or later. */
  verifiedAt = -Infinity;
  failure: unknown;
  #startedAt = -Infinity;
  /** When the next computation may begin. */
  #earliestAt = -Infinity;
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
  /** Runs work outside the context of the first caller, so that it does not join that request's transaction or carry its id. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(
    /** Returns `previous` itself if there was nothing to read. */
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

  /** Called when computations begin to fail or to take too long, and when they succeed again. */
  onHealth(listener: (failing: boolean) => void): void {
    this.#healthListeners.add(listener);
  }

  /** Adds a watcher. */
  watch(): void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#schedule(0);
  }

  unwatch(): void {
    this.#watchers -= 1;
  }

  /** Data may have changed. Has an effect only while a client watches. */
  hint(): void {
    if (this.isWatched) this.#schedule(0);
  }

  /** Starts a computation soon, without a caller. */
  refresh(): void {
    this.#schedule(0);
  }

  /** Returns the cut of the next computation that *begins* after this call, so that a caller sees its own writes. */
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
    const at = Math.max(this.#now() + inMs, this.#earliestAt);
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
    // The running computation began before this call. Another one follows it.
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#again = false;
    this.#startedAt = this.#now();
    this.#earliestAt = this.#startedAt + this.options.tickMs;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const late = setTimeout(
      () => this.#fail(new Error(`No cut in ${this.options.lateMs} ms.`)),
      this.options.lateMs,
    ).unref();
    try {
      const cut = await this.compute(this.current, this.ageMs);
      if (cut === this.current) this.#earliestAt = this.#startedAt + this.options.tickMs * PART_OF_EMPTY_TICK;
      this.#succeed(cut);
      waiting?.resolve(cut);
    } catch (error) {
      this.#fail(error);
      waiting?.reject(error);
    } finally {
      clearTimeout(late);
      this.#running = false;
      if (this.#waiting || this.#again || this.#timerAt < Infinity) this.#schedule(0);
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
