import type { Page } from 'playwright-core';
import { axeFindings, ConsoleBrowser, consoleMissing } from '../e2e/console-book.fixture.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

/** A page, and what is opened on it: a button or the first row. */
const SHOWN: readonly [path: string, opened?: string | 'row'][] = [
  ['/portfolios'],
  ['/portfolios', 'row'],
  ['/portfolios', 'Import from a broker'],
  ['/portfolios?tab=positions'],
  ['/portfolios?state=closed'],
  ['/instruments?q=ACME'],
  ['/instruments?q=ACME', 'row'],
  ['/instruments?tab=watchlist'],
  ['/instruments?tab=imports', 'row'],
  ['/instruments?tab=imports', 'Import a master'],
  ['/instruments?tab=mappings', 'Add a mapping'],
  ['/feeds'],
  ['/feeds', 'row'],
  ['/feeds', 'Add a feed'],
  ['/audit'],
  ['/audit', 'row'],
  ['/users', 'row'],
  ['/users', 'Add a user'],
];

(consoleMissing ? describe.skip : describe)(
  `the console's book for everyone${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: ConsoleBrowser;
    let page: Page;

    beforeAll(async () => {
      app = await startTestApp();
      const admin = await app.login('admin');
      const send = (method: string, path: string, body: unknown) =>
        app.request(method, path, { token: admin.token, body });
      await send('POST', '/v1/instruments/imports?broker=zerodha', kiteCsv(contracts(4)));
      const position = { key: '1000', quantity: '10', averagePrice: '90', lastPrice: '100.25' };
      const snapshot = {
        broker: 'zerodha',
        account: 'AB1',
        asOf: new Date().toISOString(),
        currency: 'INR',
        cash: '5',
      };
      await send('PUT', '/v1/portfolios/book-1/snapshot', { ...snapshot, positions: [position] });
      await send('POST', '/v1/feeds', { name: 'Wire', kind: 'rss', url: 'https://example.com/rss', enabled: false });
      browser = await ConsoleBrowser.open(app);
      page = await browser.signedIn(admin, '/portfolios');
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it.each([1_440, 390])(
      'axe finds nothing on the pages of the book and their forms at %i px, in both themes',
      async (width) => {
        await page.setViewportSize({ width, height: 844 });
        const found: string[] = [];
        for (const [path, opened] of SHOWN) {
          await browser.go(page, path);
          await page.locator('.table-row, .empty').first().waitFor();
          if (opened === 'row') await page.locator('.table-row').first().click();
          else if (opened) await page.getByRole('button', { name: opened, exact: true }).first().click();
          for (const theme of ['light', 'dark'] as const)
            for (const finding of await axeFindings(page, theme))
              found.push(`${path} ${opened ?? ''} ${theme}: ${finding}`);
        }
        expect(found).toEqual([]);
        expect(browser.complaints).toEqual([]);
      },
      240_000,
    );
  },
);
