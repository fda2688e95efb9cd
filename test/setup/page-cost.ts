import type { CDPSession, Page } from 'playwright-core';

/** What the main thread of a page has spent since its start, in ms. */
export interface PageCost {
  script: number;
  /** Styles and layout. */
  layout: number;
}

/** Reads what a page costs, by the counters of the browser. */
export class PageMeter {
  private constructor(
    private readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  static async of(page: Page): Promise<PageMeter> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return new PageMeter(page, session);
  }

  private async read(): Promise<PageCost> {
    const { metrics } = await this.session.send('Performance.getMetrics');
    const seconds = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      script: seconds('ScriptDuration') * 1_000,
      layout: (seconds('LayoutDuration') + seconds('RecalcStyleDuration')) * 1_000,
    };
  }

  /** What the page spends while `act` runs. */
  async during(act: () => Promise<unknown>): Promise<PageCost> {
    const before = await this.read();
    await act();
    const after = await this.read();
    return { script: after.script - before.script, layout: after.layout - before.layout };
  }

  /** Bytes of the JavaScript heap after a collection. */
  async heap(): Promise<number> {
    await this.session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.session.send('Runtime.getHeapUsage');
    return usedSize;
  }

  /**
   * How fast this machine is now: the time in ms of a fixed piece of work of the kind that a delta is, in a page of the same
   * browser. A figure divided by it means the same on a busy machine and on a quiet one.
   */
  async yardstick(): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) times.push((await this.page.evaluate(WORK)) as number);
    return times.sort((one, other) => one - other)[3]!;
  }
}

const WORK = `(() => {
  const began = performance.now();
  for (let round = 0; round < 3; round++) {
    const rows = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => ['row-' + n, { id: 'row-' + n, value: String(n * 1.25), flags: [] }]));
    const copy = JSON.parse(JSON.stringify(rows));
    Object.keys(copy).map((key) => ({ ...copy[key], value: copy[key].value + '0' })).sort((a, b) => (a.value < b.value ? -1 : 1));
  }
  return performance.now() - began;
})()`;
