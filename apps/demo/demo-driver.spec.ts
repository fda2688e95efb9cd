import { jest } from '@jest/globals';
import { ClsServiceManager } from 'nestjs-cls';
import { DemoDriver } from './demo-driver.js';

const PACE = { tickMs: 500, ticksAFill: 2, ticksARenewal: 3, ticksAnItem: 4, pauseMs: 5_000 };

class FakeDesk {
  readonly calls: string[] = [];
  fails = false;

  load = (): Promise<void> => this.note('load');
  moveQuotes = (): Promise<void> => this.note('quotes');
  fill = (): Promise<void> => this.note('fill');
  renewSessions = (): Promise<void> => this.note('sessions');
  publishNews = (): void => void this.calls.push('news');

  private note(call: string): Promise<void> {
    this.calls.push(call);
    return this.fails ? Promise.reject(new Error('away')) : Promise.resolve();
  }
}

describe('the demo driver', () => {
  let desk: FakeDesk;
  let locked: 'by nobody' | 'by us' | 'by another';
  let tries: number;
  let readOnly: boolean;
  let driver: DemoDriver;
  const lock = {
    take: () => {
      tries++;
      if (locked === 'by nobody') locked = 'by us';
      return Promise.resolve(locked === 'by us');
    },
    release: () => Promise.resolve(void (locked = 'by nobody')),
  };
  /** Advances the clock and runs what becomes due. */
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeAll(() => ClsServiceManager.getClsService());
  beforeEach(() => {
    jest.useFakeTimers();
    [desk, locked, tries, readOnly] = [new FakeDesk(), 'by nobody', 0, false];
    driver = new DemoDriver(desk, lock, () => readOnly, PACE);
    driver.start();
  });
  afterEach(async () => {
    await driver.stop();
    jest.useRealTimers();
  });

  it('loads first, then publishes quotes at each tick, and fills orders and renews sessions at some', async () => {
    await pass(0);
    expect(desk.calls).toEqual(['load', 'quotes']);
    await pass(5 * PACE.tickMs);
    expect(desk.calls).toEqual([
      'load',
      'quotes',
      'quotes',
      'fill',
      'quotes',
      'sessions',
      'quotes',
      'fill',
      'news',
      'quotes',
      'quotes',
      'fill',
      'sessions',
    ]);
  });

  it('the demo driver writes nothing while the database is read-only, checks after each pause, and continues afterwards', async () => {
    readOnly = true;
    await pass(10 * PACE.pauseMs);
    expect([desk.calls, tries]).toEqual([[], 0]);
    readOnly = false;
    await pass(PACE.pauseMs);
    expect(desk.calls.slice(0, 2)).toEqual(['load', 'quotes']);
    readOnly = true;
    await pass(PACE.tickMs);
    const { length } = desk.calls;
    await pass(10 * PACE.pauseMs);
    expect(desk.calls).toHaveLength(length);
  });

  it('the demo driver writes nothing while another process runs the demo, and takes over from it', async () => {
    locked = 'by another';
    await pass(3 * PACE.pauseMs);
    expect([desk.calls, tries]).toEqual([[], 4]);
    locked = 'by nobody';
    await pass(PACE.pauseMs);
    expect(desk.calls).toEqual(['load', 'quotes']);
  });

  it('continues after a failure and a pause, and repeats a failed load', async () => {
    desk.fails = true;
    await pass(PACE.pauseMs - 1);
    expect(desk.calls).toEqual(['load']);
    desk.fails = false;
    await pass(1);
    expect(desk.calls).toEqual(['load', 'load', 'quotes']);
  });

  it('the demo driver does nothing after a stop and releases the lock', async () => {
    await pass(0);
    expect(locked).toBe('by us');
    const { length } = desk.calls;
    await driver.stop();
    await pass(10 * PACE.pauseMs);
    expect(desk.calls).toHaveLength(length);
    expect(locked).toBe('by nobody');
    expect(jest.getTimerCount()).toBe(0);
  });
});
