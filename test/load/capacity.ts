import { setTimeout as sleep } from 'node:timers/promises';
import { HttpLoad, type HttpResult } from './http-load.js';
import { BATCH, LoadDesk } from './load-desk.js';
import { percentilesOf } from './load-report.js';
import type { LoadOptions } from './load-test.js';
import { LoadScreens } from './load-screens.js';

/** What work costs a desk, in milliseconds of processor time. */
export interface Cost {
  processes: number;
  /** The desk and PostgreSQL without any load, in cores. */
  idleCores: number;
  per1000Reads: { desk: number; postgres: number };
  per1000Quotes: { desk: number; postgres: number };
  per1000Frames: { desk: number; postgres: number };
}

/** One step of the ladder: a load, and how the desk bore it. */
export interface Step {
  sockets: number;
  quotesPerSecond: number;
  readsPerSecond: number;
  deskCores: number;
  postgresCores: number;
  readP99: number;
  screenP99: number;
  failures: number;
}

/** Costs are measured at this many steps, so that they stand out from what an idle desk does. */
const COST_STEPS = 4;

/** Measures reads alone, quotes alone, and quotes with screens; what is idle is subtracted. */
export async function measureCost({ databaseUrl, redisUrl, size, processes }: LoadOptions): Promise<Cost> {
  const [readsPerSecond, quotesPerSecond] = [size.readsPerSecond * COST_STEPS, size.quotesPerSecond * COST_STEPS];
  const desk = await LoadDesk.start(databaseUrl, size, processes, redisUrl);
  const http = new HttpLoad(desk.urls);
  const screens = new LoadScreens(desk.urls, desk.traders);
  const { seconds } = size;
  const quotes = (lasting: number) => http.run(quotesPerSecond / BATCH, lasting, desk.quotes);
  try {
    // Code that V8 has not compiled costs several times as much.
    await Promise.all([http.run(readsPerSecond, seconds, desk.read), quotes(seconds)]);
    const idle = await used(desk, () => sleep(seconds * 1_000));
    const read = await used(desk, () => http.run(readsPerSecond, seconds, desk.read));
    const quoted = await used(desk, () => quotes(seconds));
    await screens.open(size.sockets);
    await quotes(2);
    const before = screens.frames;
    const shown = await used(desk, () => quotes(seconds));
    const frames = screens.frames - before;
    const written = ({ requests }: HttpResult) => requests * BATCH;
    const perQuote = { desk: each(quoted, idle, 'desk', written), postgres: each(quoted, idle, 'postgres', written) };
    const ofFrames = (what: 'desk' | 'postgres') =>
      (beyond(shown, idle, what) - perQuote[what] * written(shown.result)) / Math.max(1, frames);
    return {
      processes,
      idleCores: (idle.desk + idle.postgres) / idle.ms,
      per1000Reads: thousand((what) => each(read, idle, what, ({ requests }) => requests)),
      per1000Quotes: thousand((what) => perQuote[what]),
      per1000Frames: thousand(ofFrames),
    };
  } finally {
    screens.close();
    await desk.stop();
  }
}

/** Adds screens, quotes and reads in equal steps to one desk, and measures each step. */
export async function climb(options: LoadOptions, steps: number): Promise<Step[]> {
  const { databaseUrl, redisUrl, size, processes, say } = options;
  const desk = await LoadDesk.start(databaseUrl, size, processes, redisUrl);
  const screens = new LoadScreens(desk.urls, desk.traders);
  const http = new HttpLoad(desk.urls);
  const found: Step[] = [];
  try {
    for (let step = 1; step <= steps; step += 1) {
      const [quotesPerSecond, readsPerSecond] = [size.quotesPerSecond * step, size.readsPerSecond * step];
      await screens.open(size.sockets);
      screens.take();
      const { result, ms, ...cpu } = await used(desk, () =>
        Promise.all([
          http.run(readsPerSecond, size.seconds, desk.read),
          http.run(quotesPerSecond / BATCH, size.seconds, desk.quotes),
        ]),
      );
      const times = screens
        .take()
        .arrivals.map(([batch, at]) => Math.max(0, at - (desk.acknowledged.get(batch) ?? at)));
      found.push({
        ...{ sockets: screens.subscribed, quotesPerSecond, readsPerSecond },
        ...{ deskCores: cpu.desk / ms, postgresCores: cpu.postgres / ms },
        ...{ readP99: percentilesOf(result[0].times).p99, screenP99: percentilesOf(times).p99 },
        failures: result[0].failures + result[1].failures,
      });
      say(`${screens.subscribed} sockets: done`);
    }
  } finally {
    screens.close();
    await desk.stop();
  }
  return found;
}

interface Used<T> {
  desk: number;
  postgres: number;
  ms: number;
  result: T;
}

async function used<T>(desk: LoadDesk, work: () => Promise<T>): Promise<Used<T>> {
  const [before, began] = [desk.cpu(), performance.now()];
  const result = await work();
  await sleep(500); // the last frames and flushes
  const after = desk.cpu();
  const ms = performance.now() - began;
  return { desk: after.desk - before.desk, postgres: after.postgres - before.postgres, ms, result };
}

/** Processor time beyond that of an idle desk, in ms. */
function beyond(busy: Used<unknown>, idle: Used<unknown>, what: 'desk' | 'postgres'): number {
  return Math.max(0, busy[what] - (idle[what] * busy.ms) / idle.ms);
}

function each<T>(busy: Used<T>, idle: Used<unknown>, what: 'desk' | 'postgres', count: (result: T) => number): number {
  return beyond(busy, idle, what) / Math.max(1, count(busy.result));
}

function thousand(of: (what: 'desk' | 'postgres') => number): { desk: number; postgres: number } {
  return { desk: Math.max(0, of('desk') * 1_000), postgres: Math.max(0, of('postgres') * 1_000) };
}
