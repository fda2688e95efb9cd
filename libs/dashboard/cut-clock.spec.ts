import type { Cut } from './cut.js';
import { CutClock } from './cut-clock.js';

const cut = (id: number): Cut => ({
  snapshot: { id: String(id), position: id, asOf: '2026-01-01T00:00:00.000Z' },
  readUpTo: String(id),
  states: new Map(),
});

/** Computations that end when the test says so. */
function deskOf(options: Partial<{ tickMs: number; pollMs: number }> = {}) {
  const runs: PromiseWithResolvers<Cut>[] = [];
  let began = Promise.withResolvers<void>();
  const starts: number[] = [];
  const clock = new CutClock(
    () => {
      const run = Promise.withResolvers<Cut>();
      runs.push(run);
      starts.push(performance.now());
      began.resolve();
      began = Promise.withResolvers<void>();
      return run.promise;
    },
    { tickMs: 20, pollMs: 40, ...options },
  );
  const nextStart = () => began.promise;
  return { clock, runs, starts, nextStart };
}

describe('the cut clock', () => {
  it('computes once for all who ask before it begins', async () => {
    const { clock, runs, nextStart } = deskOf();
    const start = nextStart();
    const asked = [clock.next(), clock.next(), clock.next()];
    await start;
    runs[0]!.resolve(cut(1));
    expect((await Promise.all(asked)).map((each) => each.snapshot.id)).toEqual(['1', '1', '1']);
    expect(runs).toHaveLength(1);
  });

  it('gives one who asks while it computes the next one, not the one that began before', async () => {
    const { clock, runs, nextStart } = deskOf();
    const first = nextStart();
    const early = clock.next();
    await first;
    const late = clock.next();
    const second = nextStart();
    runs[0]!.resolve(cut(1));
    expect((await early).snapshot.id).toBe('1');
    await second;
    runs[1]!.resolve(cut(2));
    expect((await late).snapshot.id).toBe('2');
  });

  it('never computes twice at once, and begins at most once a tick', async () => {
    const { clock, runs, starts, nextStart } = deskOf();
    clock.watch();
    for (let round = 0; round < 5; round++) {
      for (let hints = 0; hints < 100; hints++) clock.hint();
      if (runs.length === round) await nextStart();
      expect(runs).toHaveLength(round + 1);
      runs[round]!.resolve(cut(round));
      await Promise.resolve();
    }
    clock.stop();
    // setTimeout may fire up to 1 ms early by the finer clock.
    for (let at = 1; at < starts.length; at++) expect(starts[at]! - starts[at - 1]!).toBeGreaterThanOrEqual(18);
  });

  it('looks again at once after a computation that a hint overtook', async () => {
    const { clock, runs, nextStart } = deskOf({ pollMs: 60_000 });
    const first = nextStart();
    clock.watch();
    await first;
    clock.hint();
    await new Promise((resolve) => setTimeout(resolve, 40));
    const second = nextStart();
    runs[0]!.resolve(cut(1));
    await second;
    clock.stop();
  });

  it('rests while nobody watches: hints wake nobody', async () => {
    const { clock, runs } = deskOf();
    clock.hint();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(runs).toHaveLength(0);
    clock.stop();
  });

  it('looks again by itself while watched, in case a hint was lost, and rests after the last one left', async () => {
    const { clock, runs, nextStart } = deskOf();
    const first = nextStart();
    clock.watch();
    await first;
    const second = nextStart();
    runs[0]!.resolve(cut(1));
    await second;
    clock.unwatch();
    runs[1]!.resolve(cut(1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(runs).toHaveLength(2);
  });

  it('tells of new cuts only; one that stayed moves just its age', async () => {
    const { clock, runs, nextStart } = deskOf();
    const told: (string | undefined)[][] = [];
    clock.onCut((from, to) => told.push([from?.snapshot.id, to.snapshot.id]));
    for (const id of [1, 1, 2]) {
      const start = nextStart();
      const asked = clock.next();
      await start;
      runs.at(-1)!.resolve(cut(id));
      await asked;
      expect(clock.ageMs).toBeLessThan(20);
    }
    expect(told).toEqual([[undefined, '1'], ['1', '2']]);
  });

  it('keeps the last cut when computing fails, tells of it once, and recovers by itself', async () => {
    const { clock, runs, nextStart } = deskOf();
    const health: boolean[] = [];
    clock.onHealth((failing) => health.push(failing));
    let start = nextStart();
    clock.watch();
    for (const outcome of ['ok', 'fails', 'fails', 'ok']) {
      await start;
      start = nextStart();
      if (outcome === 'ok') runs.at(-1)!.resolve(cut(7));
      else runs.at(-1)!.reject(new Error('the database is away'));
    }
    await start;
    clock.stop();
    expect(clock.current?.snapshot.id).toBe('7');
    expect(health).toEqual([true, false]);
  });
});
