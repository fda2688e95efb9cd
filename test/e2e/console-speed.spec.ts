import type { Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ConsoleBrowser, consoleMissing } from './console-book.fixture.js';
import { MovingBook, showsPrice } from './console-speed.fixture.js';

const POSITIONS = 500;

/** Counts the texts and nodes of the positions that change from now on. */
const OBSERVE = `(() => {
  let changes = 0;
  const count = (records) => {
    for (const { type, addedNodes, removedNodes } of records)
      changes += type === 'characterData' ? 1 : addedNodes.length + removedNodes.length;
  };
  const observer = new MutationObserver(count);
  observer.observe(document.querySelector('[data-panel=positions]'), { subtree: true, childList: true, characterData: true });
  window.countedChanges = () => {
    count(observer.takeRecords());
    observer.disconnect();
    return changes;
  };
})()`;
const COUNTED = 'window.countedChanges()';

(consoleMissing ? describe.skip : describe)(
  `the speed of the console${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: ConsoleBrowser;
    let page: Page;
    let book: MovingBook;

    beforeAll(async () => {
      app = await startTestApp();
      const operator = await app.login('operator');
      book = await new MovingBook(app, operator.token, POSITIONS).open();
      browser = await ConsoleBrowser.open(app);
      page = await browser.signedIn(operator, '/');
      await page.locator('[data-panel=positions] .table-row').first().waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it('a delta of 500 rows changes as much of the page as a delta of the rows in sight, because the others are not in the document', async () => {
      const changes = async (count: number) => {
        await page.evaluate(OBSERVE);
        await showsPrice(page, await book.move(count));
        return (await page.evaluate(COUNTED)) as number;
      };
      const inSight = await page.locator('[data-panel=positions] .table-row').count();
      expect(inSight).toBeLessThan(POSITIONS / 10);
      const few = await changes(inSight);
      expect(few).toBeGreaterThanOrEqual(inSight);
      expect(await changes(POSITIONS)).toBeLessThan(few * 2);
    });
  },
);
