import { randomBytes } from 'node:crypto';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { KeyedHash } from './keyed-hash.js';
import { usedOf, waitFor } from './sliding-window.js';
import { COUNT, PREVIOUS, WindowTable } from './window-table.js';

type Verdict = Awaited<ReturnType<ThrottlerStorage['increment']>>;

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
      const peak =
        counters.peakWindow === window
          ? Math.max(counters.peak, counters.peakBefore)
          : counters.peakWindow === window - 1
            ? counters.peak
            : 0;
      return {
        name,
        limit: counters.limit,
        tracked: counters.segments.reduce((sum, segment) => sum + segment.live(window), 0),
        evictions: counters.segments.reduce((sum, segment) => sum + segment.evictions, 0),
        headroom: Math.max(0, 1 - peak / counters.limit),
      };
    });
  }

  /** Takes back a request that `take` counted in this window. */
  giveBack(key: string, windowMs: number, name: string): void {
    const counters = this.classes.get(name);
    if (counters === undefined) return;
    this.hash.of(key);
    const segment = counters.segments[this.hash.high & (SEGMENTS - 1)]!;
    const at = segment.slotOf(this.hash.high, this.hash.low, windowAt(this.clock(), windowMs));
    const count = segment.cells[at + COUNT]!;
    if (count > 0) segment.cells[at + COUNT] = count - 1;
  }

  /** Counts a request of the key, unless it is too much. */
  take(key: string, windowMs: number, limit: number, name: string): Verdict {
    const counters = this.classes.get(name) ?? this.open(name, windowMs, limit);
    const now = this.clock();
    const window = windowAt(now, windowMs);
    const elapsed = now % windowMs;
    this.hash.of(key);
    const segment = counters.segments[this.hash.high & (SEGMENTS - 1)]!;
    const at = segment.slotOf(this.hash.high, this.hash.low, window);
    const previous = segment.cells[at + PREVIOUS]!;
    const count = segment.cells[at + COUNT]!;
    const wait = waitFor(previous, count, elapsed, windowMs, limit);
    const used = usedOf(previous, count, elapsed, windowMs) + (wait > 0 ? 0 : 1);
    if (wait === 0) segment.cells[at + COUNT] = count + 1;
    notePeak(counters, window, wait > 0 ? limit : used);
    return {
      totalHits: wait > 0 ? limit + 1 : Math.ceil(used),
      timeToExpire: Math.ceil((windowMs - elapsed) / 1000),
      isBlocked: wait > 0,
      timeToBlockExpire: Math.ceil(wait / 1000),
    };
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
