import { randomBytes } from 'node:crypto';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { KeyedHash } from './counting/keyed-hash.js';
import { usedOf, waitFor } from './counting/sliding-window.js';
import { COUNT, OWN, PREVIOUS, SETTLED, WindowTable } from './counting/window-table.js';

export type Verdict = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** A verdict of `take`. */
interface Taken extends Verdict {
  /** The request is not counted, because too many of the key are unknown to the other processes. */
  mustSettle: boolean;
  /** Requests of the key in this window that the other processes do not know. Negative after a `giveBack`. */
  unsettled: number;
}

/** What one process counted of a key in the current window. */
export interface OwnCount {
  window: number;
  own: number;
  settled: number;
  /** Weight of the window before, 0..1. */
  overlap: number;
}

/** What all processes counted of a key. */
export interface SettledCount {
  window: number;
  /** The own count that was reported. */
  reported: number;
  /** Requests granted on top of it; `total` includes them. */
  granted: number;
  total: number;
  previous: number;
}

/** Growing one table to a million entries blocks the process for 130 ms; growing one of 64 tables blocks it for at most 6 ms. */
const SEGMENTS = 64;

interface Counters {
  windowMs: number;
  limit: number;
  segments: WindowTable[];
  /** The current window, and the highest use of any client in it and in the one before. */
  peakWindow: number;
  peak: number;
  peakBefore: number;
}

/** Use of the limit of one class of routes. */
export interface ClassUsage {
  name: string;
  limit: number;
  tracked: number;
  evictions: number;
  /** Share of its limit that the busiest client still has, 0..1. */
  headroom: number;
}

/**
 * Counts requests in bounded memory: at most `maxTracked` clients per class, however many addresses are used. Memory is freed
 * when a window has passed. A refused request is not counted, so a client that keeps trying still gets its rate.
 */
export class ThrottlerMemory implements ThrottlerStorage {
  private readonly classes = new Map<string, Counters>();
  private readonly hash: KeyedHash;

  constructor(
    private readonly maxTracked: number,
    private readonly clock: () => number = Date.now,
  ) {
    const seeds = randomBytes(8);
    this.hash = new KeyedHash(seeds.readUInt32LE(0), seeds.readUInt32LE(4));
  }

  /** The storage port of @nestjs/throttler, which takes `ttl` and `blockDuration` in ms and returns times in seconds. */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<Verdict> {
    return this.take(key, ttl, limit, throttlerName);
  }

  /** Size of the counters of all classes, in bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const { segments } of this.classes.values()) for (const segment of segments) bytes += segment.cells.byteLength;
    return bytes;
  }

  /** Frees the memory of clients without a request in the last window. */
  sweep(): void {
    const now = this.clock();
    for (const { segments, windowMs } of this.classes.values())
      for (const segment of segments) segment.shrink(windowAt(now, windowMs));
  }

  usage(): ClassUsage[] {
    const now = this.clock();
    return [...this.classes].map(([name, counters]) => {
      const window = windowAt(now, counters.windowMs);
      const peak = peakAt(counters, window);
      return {
        name,
        limit: counters.limit,
        tracked: counters.segments.reduce((sum, segment) => sum + segment.live(window), 0),
        evictions: counters.segments.reduce((sum, segment) => sum + segment.evictions, 0),
        headroom: Math.max(0, 1 - peak / counters.limit),
      };
    });
  }

  /** The highest use of any client in the last two windows. */
  peakOf(name: string): number {
    const counters = this.classes.get(name);
    return counters === undefined ? 0 : peakAt(counters, windowAt(this.clock(), counters.windowMs));
  }

  /** Takes back a request that `take` counted in this window. @returns the unsettled count of the key */
  giveBack(key: string, windowMs: number, name: string): number {
    const counters = this.classes.get(name);
    if (counters === undefined) return 0;
    const segment = this.segmentOf(counters, key);
    const at = segment.slotOf(this.hash.high, this.hash.low, windowAt(this.clock(), windowMs));
    const { cells } = segment;
    if (cells[at + COUNT]! > 0) cells[at + COUNT]! -= 1;
    if (cells[at + OWN]! > 0) cells[at + OWN]! -= 1;
    return cells[at + OWN]! - cells[at + SETTLED]!;
  }

  /**
   * Counts a request of the key, unless it is too much.
   * @param unsettledMax requests of the key that the other processes may not know. Beyond it, none is counted
   */
  take(key: string, windowMs: number, limit: number, name: string, unsettledMax = Infinity): Taken {
    const counters = this.classes.get(name) ?? this.open(name, windowMs, limit);
    const now = this.clock();
    const window = windowAt(now, windowMs);
    const elapsed = now % windowMs;
    const segment = this.segmentOf(counters, key);
    const at = segment.slotOf(this.hash.high, this.hash.low, window);
    const { cells } = segment;
    const previous = cells[at + PREVIOUS]!;
    const count = cells[at + COUNT]!;
    const wait = waitFor(previous, count, elapsed, windowMs, limit);
    let unsettled = cells[at + OWN]! - cells[at + SETTLED]!;
    const mustSettle = wait === 0 && unsettled >= unsettledMax;
    const counts = wait === 0 && !mustSettle;
    const used = usedOf(previous, count, elapsed, windowMs) + (counts ? 1 : 0);
    if (counts) {
      cells[at + COUNT] = count + 1;
      cells[at + OWN]! += 1;
      unsettled += 1;
    }
    notePeak(counters, window, wait > 0 ? limit : used);
    return {
      totalHits: wait > 0 ? limit + 1 : Math.ceil(used),
      timeToExpire: Math.ceil((windowMs - elapsed) / 1000),
      isBlocked: wait > 0,
      timeToBlockExpire: Math.ceil(wait / 1000),
      mustSettle,
      unsettled,
    };
  }

  ownCount(key: string, windowMs: number, limit: number, name: string): OwnCount {
    const counters = this.classes.get(name) ?? this.open(name, windowMs, limit);
    const now = this.clock();
    const window = windowAt(now, windowMs);
    const { cells, at } = this.slotOf(counters, key, window);
    return {
      window,
      own: cells[at + OWN]!,
      settled: cells[at + SETTLED]!,
      overlap: 1 - (now % windowMs) / windowMs,
    };
  }

  /** Takes over what all processes counted of the key. Does nothing if its window has passed. */
  adopt(key: string, name: string, { window, reported, granted, total, previous }: SettledCount): void {
    const counters = this.classes.get(name)!;
    if (windowAt(this.clock(), counters.windowMs) !== window) return;
    const { cells, at } = this.slotOf(counters, key, window);
    const own = cells[at + OWN]!;
    cells[at + OWN] = own + granted;
    cells[at + SETTLED] = reported + granted;
    cells[at + COUNT] = Math.max(0, total + own - reported);
    cells[at + PREVIOUS] = Math.max(cells[at + PREVIOUS]!, previous);
  }

  /** The verdict on a request that all processes decided together; it was counted by `adopt`. */
  settled(key: string, windowMs: number, limit: number, name: string, granted: boolean): Verdict {
    const counters = this.classes.get(name)!;
    const now = this.clock();
    const window = windowAt(now, windowMs);
    const elapsed = now % windowMs;
    const { cells, at } = this.slotOf(counters, key, window);
    const previous = cells[at + PREVIOUS]!;
    const used = usedOf(previous, cells[at + COUNT]!, elapsed, windowMs);
    notePeak(counters, window, granted ? used : limit);
    // The last millisecond of a wait may have passed since the decision.
    const wait = granted ? 0 : Math.max(1, waitFor(previous, cells[at + COUNT]!, elapsed, windowMs, limit));
    return {
      totalHits: granted ? Math.ceil(used) : limit + 1,
      timeToExpire: Math.ceil((windowMs - elapsed) / 1000),
      isBlocked: !granted,
      timeToBlockExpire: Math.ceil(wait / 1000),
    };
  }

  private slotOf(counters: Counters, key: string, window: number): { cells: Uint32Array; at: number } {
    const segment = this.segmentOf(counters, key);
    const at = segment.slotOf(this.hash.high, this.hash.low, window);
    return { cells: segment.cells, at };
  }

  /** Leaves the hash of the key in `this.hash`. */
  private segmentOf(counters: Counters, key: string): WindowTable {
    this.hash.of(key);
    return counters.segments[this.hash.high & (SEGMENTS - 1)]!;
  }

  private open(name: string, windowMs: number, limit: number): Counters {
    const slotsPerSegment = 2 ** Math.ceil(Math.log2((this.maxTracked / SEGMENTS) * (4 / 3)));
    const segments = Array.from({ length: SEGMENTS }, () => new WindowTable(Math.max(16, slotsPerSegment)));
    const counters: Counters = { windowMs, limit, segments, peakWindow: 0, peak: 0, peakBefore: 0 };
    this.classes.set(name, counters);
    return counters;
  }
}

/** Numbered from 2: in a table 0 is an empty slot, and the window before must not be 0. */
function windowAt(now: number, windowMs: number): number {
  return Math.floor(now / windowMs) + 2;
}

function notePeak(counters: Counters, window: number, used: number): void {
  if (counters.peakWindow !== window) {
    counters.peakBefore = counters.peakWindow === window - 1 ? counters.peak : 0;
    counters.peak = 0;
    counters.peakWindow = window;
  }
  if (used > counters.peak) counters.peak = used;
}

function peakAt({ peakWindow, peak, peakBefore }: Counters, window: number): number {
  if (peakWindow === window) return Math.max(peak, peakBefore);
  return peakWindow === window - 1 ? peak : 0;
}
