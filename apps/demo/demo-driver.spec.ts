import { ClsServiceManager } from 'nestjs-cls';
import { DemoDriver } from './demo-driver.js';

const PACE = { tickMs: 1, ticksAFill: 2, ticksARenewal: 3, pauseMs: 1 };

class FakeDesk {
  readonly calls: string[] = [];
  fails = false;
  private waiting: (() => void) | undefined;

  load = (): Promise<void> => this.note('load');
  moveQuotes = (): Promise<void> => this.note('quotes');
  fill = (): Promise<void> => this.note('fill');
  renewSessions = (): Promise<void> => this.note('sessions');

  /** Resolves at the next call of anything. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.waiting = resolve));
  }

  private note(call: string): Promise<void> {
    this.calls.push(call);
    this.waiting?.();
    return this.fails ? Promise.reject(new Error('away')) : Promise.resolve();
  }
}

describe('the demo driver', () => {
  beforeAll(() => ClsServiceManager.getClsService());

  const lock = { take: () => Promise.resolve(true), release: () => Promise.resolve() };

  it('loads first, then moves quotes at each tick and fills and renews at some', async () => {
    const desk = new FakeDesk();
    const driver = new DemoDriver(desk, lock, () => false, PACE);
    driver.start();
    while (desk.calls.length < 12) await desk.next();
    await driver.stop();
    expect(desk.calls.slice(0, 12)).toEqual(['load', 'quotes', 'quotes', 'fill', 'quotes', 'sessions', 'quotes', 'fill', 'quotes', 'quotes', 'fill', 'sessions']);
  });

  it('writes nothing while the database is read-only, and goes on afterwards', async () => {
    const desk = new FakeDesk();
    let looks = 0;
    const driver = new DemoDriver(desk, lock, () => ++looks <= 5, PACE);
    driver.start();
    await desk.next();
    expect(looks).toBe(6);
    await driver.stop();
  });

  it('writes nothing while another process moves the desk', async () => {
    const desk = new FakeDesk();
    let tries = 0;
    const driver = new DemoDriver(desk, { ...lock, take: () => Promise.resolve(++tries > 3) }, () => false, PACE);
    driver.start();
    await desk.next();
    expect(tries).toBe(4);
    await driver.stop();
  });

  it('goes on after a failure, loading again what was not loaded', async () => {
    const desk = new FakeDesk();
    desk.fails = true;
    const driver = new DemoDriver(desk, lock, () => false, PACE);
    driver.start();
    await desk.next();
    desk.fails = false;
    while (!desk.calls.includes('fill')) await desk.next();
    await driver.stop();
    expect(desk.calls.slice(0, 3)).toEqual(['load', 'load', 'quotes']);
  });

  it('once stopped does nothing more and has let go of the lock', async () => {
    const desk = new FakeDesk();
    let released = false;
    const driver = new DemoDriver(desk, { ...lock, release: () => Promise.resolve(void (released = true)) }, () => false, PACE);
    driver.start();
    await desk.next();
    await driver.stop();
    const { length } = desk.calls;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(desk.calls).toHaveLength(length);
    expect(released).toBe(true);
  });
});
