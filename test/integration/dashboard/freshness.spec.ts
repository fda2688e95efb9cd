import type { Changes } from '#changes';
import { type Cut, type CutReader, type DashboardConfig, DashboardService } from '#dashboard';

const config = { tickMs: 20, pollMs: 60_000, freshMs: 40, maxAgeMs: 120, waitMs: 200, recheckMs: 60_000, heartbeatMs: 5_000 } as DashboardConfig;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Named fake: a database that answers, fails or is silent, as told. */
class MoodyReader {
  mood: 'answers' | 'fails' | 'is silent' = 'answers';
  reads = 0;

  async read(): Promise<Cut> {
    this.reads += 1;
    if (this.mood === 'fails') throw new Error('the database is away');
    if (this.mood === 'is silent') return new Promise(() => undefined);
    return { snapshot: { id: String(this.reads), position: this.reads, asOf: '2026-11-02T03:45:00.000Z' }, readUpTo: String(this.reads), states: new Map() };
  }
}

describe('how fresh a dashboard is', () => {
  let reader: MoodyReader;
  let dashboard: DashboardService;
  beforeEach(() => {
    reader = new MoodyReader();
    dashboard = new DashboardService(config, { onHint: () => () => undefined } as unknown as Changes, reader as unknown as CutReader);
  });
  afterEach(() => dashboard.onApplicationShutdown());

  it('has nothing at hand before the first cut, and computes nothing unasked', () => {
    expect(dashboard.atHand()).toBeUndefined();
    expect(reader.reads).toBe(0);
  });

  it('comes from memory while fresh; a little older from memory too, while a new one is made; too old, one waits', async () => {
    const first = await dashboard.fromDatabase();
    expect(first.source).toBe('database');
    expect(dashboard.atHand()).toMatchObject({ source: 'cache', cut: first.cut });
    expect(reader.reads).toBe(1);
    await pause(60);
    expect(dashboard.atHand()).toMatchObject({ source: 'cache', cut: first.cut });
    await pause(60);
    expect(reader.reads).toBe(2);
    await pause(140);
    expect(dashboard.atHand()).toBeUndefined();
  });

  it('is the last cut, marked stale with its age, while the database is away, and fresh again when it is back', async () => {
    const { cut } = await dashboard.fromDatabase();
    reader.mood = 'fails';
    const stale = await dashboard.fromDatabase();
    expect(stale).toMatchObject({ source: 'stale', cut });
    await pause(150);
    // At once, however old: waiting for a database that is known to be away helps nobody.
    const later = dashboard.atHand()!;
    expect(later.source).toBe('stale');
    expect(later.ageMs).toBeGreaterThanOrEqual(150);
    reader.mood = 'answers';
    dashboard.atHand();
    await pause(80);
    expect(dashboard.atHand()!.source).toBe('cache');
    expect(dashboard.atHand()!.cut).not.toBe(cut);
  });

  it('is the last cut, marked stale, when the database does not answer in time', async () => {
    const { cut } = await dashboard.fromDatabase();
    reader.mood = 'is silent';
    const began = performance.now();
    expect(await dashboard.fromDatabase()).toMatchObject({ source: 'stale', cut });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('is a 503 with a code when there never was a cut', async () => {
    reader.mood = 'fails';
    await expect(dashboard.fromDatabase()).rejects.toMatchObject({ code: 'DASHBOARD_NO_CUT_YET', details: { kind: 'unavailable', retryAfterMs: 1_000 } });
  });
});
