import { jest } from '@jest/globals';
import { BackgroundTask } from './background-task.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A started task of this interval, with the times of its runs in ms after the start. */
function startTask(everyMs: number) {
  const runs: number[] = [];
  const start = Date.now();
  const task = new BackgroundTask(
    {
      ...{ name: 'test', role: 'worker', whenReadOnly: 'pause', atStart: false },
      ...{ everyMs: () => everyMs, retryMs: () => everyMs, when: () => true },
      run: () => runs.push(Date.now() - start),
    },
    () => undefined,
  );
  task.start();
  return { task, runs };
}

describe('a background task', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('a background task runs within 3 minutes of the start, and then once an interval, if its interval is an hour', async () => {
    const { task, runs } = startTask(HOUR_MS);
    await jest.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(runs).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(50 * MINUTE_MS);
    expect(runs).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(15 * MINUTE_MS);
    expect(runs).toHaveLength(2);
    await task.stop();
  });

  it('first runs at another moment in each process, and never in the first 90 s, if its interval is an hour', async () => {
    const started = Array.from({ length: 20 }, () => startTask(HOUR_MS));
    await jest.advanceTimersByTimeAsync(3 * MINUTE_MS);
    const firstRuns = started.map(({ runs }) => runs[0]!);
    expect(Math.min(...firstRuns)).toBeGreaterThanOrEqual(1.5 * MINUTE_MS);
    expect(new Set(firstRuns).size).toBeGreaterThan(10);
    await Promise.all(started.map(({ task }) => task.stop()));
  });

  it('a paused task does not run, is shown as paused, and runs within half a second after the pause', async () => {
    let paused = false;
    let runs = 0;
    const definition = {
      ...{ name: 'test', role: 'worker' as const, whenReadOnly: 'pause' as const, atStart: false },
      ...{ everyMs: () => 5_000, retryMs: () => 5_000, when: () => true, run: () => (runs += 1) },
    };
    const task = new BackgroundTask(
      definition,
      () => undefined,
      () => paused,
    );
    task.start();
    await jest.advanceTimersByTimeAsync(5_000);
    expect([runs, task.view().state]).toEqual([1, 'waiting']);
    paused = true;
    expect(task.view()).toMatchObject({ state: 'paused', nextRunAt: null });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(runs).toBe(1);
    paused = false;
    await jest.advanceTimersByTimeAsync(500);
    expect(runs).toBe(2);
    await task.stop();
  });

  it('first runs after one interval if that is shorter than 10 s', async () => {
    const { task, runs } = startTask(5_000);
    await jest.advanceTimersByTimeAsync(4_999);
    expect(runs).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(runs).toEqual([5_000]);
    await task.stop();
  });
});
