import { jest } from '@jest/globals';
import type { Changes } from '#changes';
import type { Cut } from '../../../libs/dashboard/cuts/cut.js';
import type { CutReader } from '../../../libs/dashboard/cuts/cut-reader.service.js';
import type { DashboardConfig } from '../../../libs/dashboard/dashboard.config.js';
import { DashboardService } from '../../../libs/dashboard/dashboard.service.js';

const config = {
  tickMs: 20,
  pollMs: 60_000,
  freshMs: 40,
  maxAgeMs: 120,
  waitMs: 200,
  recheckMs: 60_000,
  heartbeatMs: 5_000,
} as DashboardConfig;
/** Lets this much time pass on the virtual clock, with all timers that become due. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
/** Returns the result of `asked`, however long it takes on the virtual clock. */
const given = async <T>(asked: Promise<T>): Promise<T> => {
  asked.catch(() => undefined);
  await pass(config.waitMs);
  return asked;
};

/** Fake: a database that answers, fails or is silent. */
class MoodyReader {
  mood: 'answers' | 'fails' | 'is silent' = 'answers';
  reads = 0;

  async read(): Promise<Cut> {
    this.reads += 1;
    if (this.mood === 'fails') throw new Error('the database is away');
    if (this.mood === 'is silent') return new Promise(() => undefined);
    const snapshot = { id: String(this.reads), position: this.reads, asOf: '2026-11-02T03:45:00.000Z' };
    return { snapshot, readUpTo: snapshot, states: new Map() };
  }
}

describe('the freshness of a dashboard', () => {
  let reader: MoodyReader;
  let dashboard: DashboardService;
  beforeEach(() => {
    jest.useFakeTimers();
    reader = new MoodyReader();
    dashboard = new DashboardService(
      config,
      { onHint: () => () => undefined } as unknown as Changes,
      reader as unknown as CutReader,
    );
  });
  afterEach(() => {
    dashboard.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('has no cut at first, and computes none before a request', () => {
    expect(dashboard.atHand()).toBeUndefined();
    expect(reader.reads).toBe(0);
  });

  /** A dashboard with a new first cut. */
  async function first() {
    const asked = dashboard.fromDatabase();
    await pass(0);
    return asked;
  }

  it('serves a fresh cut from memory, an older one while a new one is computed, and makes requests wait if it is too old', async () => {
    const { cut, source } = await first();
    expect(source).toBe('database');
    await pass(40);
    expect(dashboard.atHand()).toMatchObject({ source: 'cache', cut, ageMs: 40 });
    await pass(60);
    expect(reader.reads).toBe(1);
    expect(dashboard.atHand()).toMatchObject({ source: 'cache', cut, ageMs: 100 });
    await pass(0);
    expect(reader.reads).toBe(2);
    await pass(121);
    expect(dashboard.atHand()).toBeUndefined();
  });

  it('serves the last cut, marked stale with its age, while the database cannot be reached, and a fresh one afterwards', async () => {
    const { cut } = await first();
    reader.mood = 'fails';
    expect(await given(dashboard.fromDatabase())).toMatchObject({ source: 'stale', cut });
    await pass(10_000);
    // At once, whatever its age, because the database is known to be unavailable.
    expect(dashboard.atHand()).toMatchObject({ source: 'stale', cut, ageMs: 10_200 });
    reader.mood = 'answers';
    dashboard.atHand();
    await pass(20);
    expect(dashboard.atHand()!.source).toBe('cache');
    expect(dashboard.atHand()!.cut).not.toBe(cut);
  });

  it('serves the last cut, marked stale, if the database does not answer in time', async () => {
    const { cut } = await first();
    reader.mood = 'is silent';
    const began = performance.now();
    const asked = dashboard.fromDatabase().then((served) => ({ ...served, after: performance.now() - began }));
    expect(await given(asked)).toMatchObject({ source: 'stale', cut, after: config.waitMs });
    // Later requests do not wait again.
    await pass(config.tickMs);
    expect(dashboard.atHand()).toMatchObject({ source: 'stale', cut });
  });

  it('does not serve the cut of the start as it is, but a newer one to the first caller', async () => {
    const warm = dashboard.warmUp();
    await pass(0);
    await warm;
    expect(dashboard.atHand()).toBeUndefined(); // Although it is fresh.
    const asked = dashboard.fromDatabase(false);
    await pass(config.tickMs);
    expect(await asked).toMatchObject({ source: 'database', cut: { snapshot: { id: '2' } } });
    expect(dashboard.atHand()).toMatchObject({ source: 'cache', cut: { snapshot: { id: '2' } } });
  });

  it('serves the cut of the start, marked stale, if the database fails or does not answer in time', async () => {
    await given(dashboard.warmUp());
    reader.mood = 'is silent';
    const began = performance.now();
    const asked = dashboard.fromDatabase(false).then((served) => ({ ...served, after: performance.now() - began }));
    const stale = { source: 'stale', cut: { snapshot: { id: '1' } } };
    expect(await given(asked)).toMatchObject({ ...stale, after: config.waitMs });
    expect(dashboard.atHand()).toMatchObject(stale);
  });

  it('starts without a cut if the database fails', async () => {
    reader.mood = 'fails';
    await given(dashboard.warmUp());
    reader.mood = 'answers';
    expect(await given(dashboard.fromDatabase())).toMatchObject({ source: 'database' });
  });

  it('answers 503 with a code if there never was a cut', async () => {
    reader.mood = 'fails';
    await expect(given(dashboard.fromDatabase())).rejects.toMatchObject({
      code: 'DASHBOARD_NO_CUT_YET',
      details: { kind: 'unavailable', retryAfterMs: 1_000 },
    });
  });
});
