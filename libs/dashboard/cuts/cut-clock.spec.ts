import { jest } from '@jest/globals';
import type { Cut } from './cut.js';
import { CutClock } from './cut-clock.js';

const stamp = (id: number) => ({ id: String(id), position: id, asOf: '2026-01-01T00:00:00.000Z' });

const cut = (id: number): Cut => ({
  snapshot: stamp(id),
  readUpTo: stamp(id),
  states: new Map(),
});

const TICK_MS = 20;
const POLL_MS = 40;
const LATE_MS = 1_000;

/** Lets this much time pass on the virtual clock, with all timers that become due. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** Computations that end when the test says so. */
function deskOf() {
  const runs: PromiseWithResolvers<Cut>[] = [];
  const starts: number[] = [];
  const clock = new CutClock(
    () => {
      const run = Promise.withResolvers<Cut>();
      runs.push(run);
      starts.push(performance.now());
      return run.promise;
    },
    { tickMs: TICK_MS, pollMs: POLL_MS, lateMs: LATE_MS },
  );
  return { clock, runs, starts };
}

describe('the cut clock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('computes once for all callers that ask before it begins', async () => {
    const { clock, runs } = deskOf();
    const asked = [clock.next(), clock.next(), clock.next()];
    await pass(0);
    runs[0]!.resolve(cut(1));
    expect((await Promise.all(asked)).map((each) => each.snapshot.id)).toEqual(['1', '1', '1']);
    await pass(10 * POLL_MS);
    expect(runs).toHaveLength(1);
  });

  it('gives a caller that asks during a computation the result of the next one', async () => {
    const { clock, runs } = deskOf();
    const early = clock.next();
    await pass(0);
    const late = clock.next();
    await pass(10 * TICK_MS);
    expect(runs).toHaveLength(1);
    runs[0]!.resolve(cut(1));
    expect((await early).snapshot.id).toBe('1');
    await pass(0);
    runs[1]!.resolve(cut(2));
    expect((await late).snapshot.id).toBe('2');
  });

  it('never runs two computations at once, and begins at most one per tick', async () => {
    const { clock, runs, starts } = deskOf();
    clock.watch();
    for (let round = 0; round < 5; round++) {
      for (let hints = 0; hints < 100; hints++) clock.hint();
      await pass(TICK_MS);
      expect(runs).toHaveLength(round + 1);
      runs[round]!.resolve(cut(round));
    }
    const began = starts[0]!;
    expect(starts.map((at) => at - began)).toEqual([0, 1, 2, 3, 4].map((round) => round * TICK_MS));
  });

  it('waits for a quarter of a tick after a computation that had nothing to read, also for a hint that came meanwhile', async () => {
    const { clock, runs, starts } = deskOf();
    const known = cut(1);
    clock.watch();
    await pass(0);
    runs[0]!.resolve(known);
    await pass(TICK_MS);
    clock.hint();
    await pass(0);
    runs[1]!.resolve(known);
    await pass(0);
    clock.hint();
    await pass(TICK_MS / 4);
    clock.hint();
    runs[2]!.resolve(known);
    await pass(TICK_MS / 4);
    clock.hint();
    runs[3]!.resolve(cut(2));
    await pass(TICK_MS);
    const began = starts[0]!;
    expect(starts.map((at) => (at - began) / TICK_MS)).toEqual([0, 1, 1.25, 1.5, 2.5]);
  });

  it('computes again at once if a hint arrived during a computation', async () => {
    const { clock, runs } = deskOf();
    clock.watch();
    await pass(0);
    clock.hint();
    await pass(2 * TICK_MS);
    runs[0]!.resolve(cut(1));
    await pass(0);
    expect(runs).toHaveLength(2);
  });

  it('does not compute on hints while nobody watches', async () => {
    const { clock, runs } = deskOf();
    clock.hint();
    expect(jest.getTimerCount()).toBe(0);
    await pass(10 * POLL_MS);
    expect(runs).toHaveLength(0);
  });

  it('polls while watched, because a hint may be lost, and stops when the last watcher leaves', async () => {
    const { clock, runs, starts } = deskOf();
    clock.watch();
    await pass(0);
    runs[0]!.resolve(cut(1));
    await pass(POLL_MS - 1);
    expect(runs).toHaveLength(1);
    await pass(1);
    expect(starts[1]! - starts[0]!).toBe(POLL_MS);
    clock.unwatch();
    runs[1]!.resolve(cut(1));
    await pass(10 * POLL_MS);
    expect(runs).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('notifies about new cuts only, and an unchanged one only renews its age', async () => {
    const { clock, runs } = deskOf();
    const told: (string | undefined)[][] = [];
    clock.onCut((from, to) => told.push([from?.snapshot.id, to.snapshot.id]));
    for (const id of [1, 1, 2]) {
      const asked = clock.next();
      await pass(TICK_MS);
      runs.at(-1)!.resolve(cut(id));
      await asked;
      await pass(7);
      expect(clock.ageMs).toBeGreaterThanOrEqual(7);
      expect(clock.ageMs).toBeLessThanOrEqual(TICK_MS + 7);
    }
    expect(told).toEqual([
      [undefined, '1'],
      ['1', '2'],
    ]);
  });

  it('notifies about a cut with an id from before a crash of the server, because its position differs', async () => {
    const { clock, runs } = deskOf();
    const told: number[] = [];
    clock.onCut((_from, to) => told.push(to.snapshot.position));
    for (const position of [1, 2]) {
      const asked = clock.next();
      await pass(TICK_MS);
      runs.at(-1)!.resolve({ ...cut(7), snapshot: { ...cut(7).snapshot, position } });
      await asked;
    }
    expect(told).toEqual([1, 2]);
  });

  it('keeps the last cut when computing fails, notifies once, and recovers by itself', async () => {
    const { clock, runs } = deskOf();
    const health: boolean[] = [];
    clock.onHealth((failing) => health.push(failing));
    clock.watch();
    for (const outcome of ['ok', 'fails', 'fails', 'ok']) {
      await pass(POLL_MS);
      if (outcome === 'ok') runs.at(-1)!.resolve(cut(7));
      else runs.at(-1)!.reject(new Error('the database is away'));
      await pass(0);
      expect(clock.current?.snapshot.id).toBe('7');
    }
    expect(runs).toHaveLength(4);
    expect(health).toEqual([true, false]);
  });

  it('treats a late computation as failing until it ends, and starts no other one meanwhile', async () => {
    const { clock, runs } = deskOf();
    const health: boolean[] = [];
    clock.onHealth((failing) => health.push(failing));
    clock.watch();
    await pass(0);
    runs[0]!.resolve(cut(1));
    await pass(POLL_MS + LATE_MS - 1);
    expect([health, clock.failure]).toEqual([[], undefined]);
    await pass(1);
    expect(health).toEqual([true]);
    await pass(10 * LATE_MS);
    expect(runs).toHaveLength(2);
    runs[1]!.resolve(cut(2));
    await pass(0);
    expect([health, clock.failure]).toEqual([[true, false], undefined]);
    expect(clock.current?.snapshot.id).toBe('2');
  });

  it('stops computing when it is stopped, and rejects waiting callers', async () => {
    const { clock, runs } = deskOf();
    clock.watch();
    await pass(0);
    const waiting = clock.next();
    clock.stop();
    await expect(waiting).rejects.toThrow('stopped');
    runs[0]!.resolve(cut(1));
    await pass(10 * POLL_MS);
    await expect(clock.next()).rejects.toThrow('stopped');
    expect(runs).toHaveLength(1);
  });
});
