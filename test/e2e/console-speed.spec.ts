import type { Page } from 'playwright-core';
import { PageMeter } from '../setup/page-cost.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ConsoleBrowser, consoleMissing } from './console-book.fixture.js';
import { MovingBook, showsPrice } from './console-speed.fixture.js';

const POSITIONS = 500;

(consoleMissing ? describe.skip : describe)(
  `the speed of the console${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: ConsoleBrowser;
    let page: Page;
    let meter: PageMeter;
    let book: MovingBook;

    beforeAll(async () => {
      app = await startTestApp();
      const operator = await app.login('operator');
      book = await new MovingBook(app, operator.token, POSITIONS).open();
      browser = await ConsoleBrowser.open(app);
      page = await browser.signedIn(operator, '/');
      meter = await PageMeter.of(page);
      await page.locator('[data-panel=positions] .table-row').first().waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it('a delta of 500 rows costs the page little more than the rows in sight, because the others are not in the document', async () => {
      const cost = async (count: number) => {
        const costs: number[] = [];
        for (let round = 0; round < 5; round++) {
          const { script, layout } = await meter.during(async () => showsPrice(page, await book.move(count)));
          costs.push(script + layout);
        }
        return costs.sort((one, other) => one - other)[1]!;
      };
      await cost(POSITIONS);
      const rows = await page.locator('[data-panel=positions] .table-row').count();
      expect(rows).toBeLessThan(POSITIONS / 10);
      const all = await cost(POSITIONS);
      const yardstick = await meter.yardstick();
      if (process.env['CONSOLE_FIGURES'])
        process.stderr.write(`delta ${all} ms, yardstick ${yardstick} ms, rows ${rows}\n`);
      expect(all / yardstick).toBeLessThan(2);
    });
  },
);
