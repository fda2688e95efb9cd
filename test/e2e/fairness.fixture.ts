import { getPriority, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { TestApp, TestResponse } from '../setup/test-app.js';

/**
 * Runs this process before others of the machine where that is allowed (root), so that the comparison is not one of how busy
 * the machine happens to be. Processes that it starts inherit it. @returns puts it back
 */
export function takePriority(): () => void {
  const before = getPriority();
  try {
    setPriority(-15);
  } catch {
    // Not root: the comparison then needs a machine that is not busy.
  }
  return () => {
    try {
      setPriority(before);
    } catch {
      // It could not be raised either.
    }
  };
}

/** What another user saw of the dashboard: durations in ms, sorted. */
export interface DashboardSample {
  durations: number[];
  stale: number;
  statuses: number[];
}

/** Asks for the dashboard `times` times, one after another, with a pause in between so that cuts have to be made. */
export async function sampleDashboard(
  desk: Pick<TestApp, 'request'>,
  token: string,
  times: number,
): Promise<DashboardSample> {
  const sample: DashboardSample = { durations: [], stale: 0, statuses: [] };
  for (let n = 0; n < times; n++) {
    const begin = performance.now();
    const { status, body } = await desk.request('GET', '/v1/dashboard', { token });
    sample.durations.push(performance.now() - begin);
    sample.statuses.push(status);
    if (body.source === 'stale') sample.stale += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  sample.durations.sort((a, b) => a - b);
  return sample;
}

/** Calls `work` in `callers` loops until the returned function is called, which gives all answers. */
export function attack(callers: number, work: () => Promise<TestResponse>): () => Promise<TestResponse[]> {
  let stopped = false;
  const answers: TestResponse[] = [];
  const loops = Array.from({ length: callers }, async () => {
    while (!stopped) {
      const answer = await work();
      answers.push(answer);
      // Client and server share this process: 24 clients that repeat at once would measure the client.
      if (answer.status === 429) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(loops);
    return answers;
  };
}

/**
 * What breaks the promise to another user: p99 within 3 times the baseline of the same run or 60 ms above it, none stale, no error.
 * @param baselines without the attack, before and after it, because other work on the machine changes over time
 */
export function unfairness(baselines: readonly DashboardSample[], attacked: DashboardSample): string[] {
  const p99 = ({ durations }: DashboardSample) => durations[Math.ceil(durations.length * 0.99) - 1]!;
  const baseline = Math.max(...baselines.map(p99));
  const allowed = Math.max(3 * baseline, baseline + 60);
  const breaches: string[] = [];
  if (p99(attacked) > allowed)
    breaches.push(`p99 ${Math.round(p99(attacked))} ms, at most ${Math.round(allowed)} ms allowed`);
  if (attacked.stale > 0) breaches.push(`${attacked.stale} of ${attacked.durations.length} stale`);
  const failed = attacked.statuses.filter((status) => status !== 200);
  if (failed.length > 0) breaches.push(`statuses ${failed.join(', ')}`);
  return breaches;
}
