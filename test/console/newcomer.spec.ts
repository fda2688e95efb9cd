import type { Page } from 'playwright-core';
import { DeskFolder } from '../e2e/desk-process.fixture.js';
import { axeFindings, ConsoleBrowser, consoleMissing } from '../e2e/console-book.fixture.js';

/** What README promises to a newcomer, from `npm start` on. */
const PROMISED_MS = 120_000;
const PAGES = ['alerts', 'rules', 'rules?rule=new', 'deliveries', 'webhooks', 'events', 'filings'];

(consoleMissing ? describe.skip : describe)(
  `a newcomer at the console${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    const folder = new DeskFolder();
    let browser: ConsoleBrowser | undefined;
    let page: Page;
    afterAll(async () => {
      await browser?.close();
      folder.remove();
    });

    it('a newcomer acknowledges an alert and sees the attempts of its webhook within two minutes of npm start', async () => {
      const start = performance.now();
      const desk = folder.npmStart({ DESKWIRE_DEMO: 'true' });
      const url = await desk.ready();
      const [, email, password] = /(\S+@demo\.deskwire\.local)\s+operator\s+(\S+)/.exec(desk.stdout)!;
      browser = await ConsoleBrowser.open({ url });
      page = await browser.signedIn({ email: email!, password: password! }, '/');
      page.setDefaultTimeout(PROMISED_MS);
      await page.getByRole('link', { name: 'Alerts' }).first().click();
      // The second item of the demo's newswire is a trading halt, which raises an alert.
      const alert = page.locator('tr.table-row', { hasText: 'trading halted' }).last();
      await alert.waitFor();
      await alert.click();
      await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
      await page.locator('.toast', { hasText: 'Alert acknowledged' }).waitFor();
      const attempt = page.getByRole('dialog').locator('.attempts li').first();
      await attempt.waitFor();
      expect(await attempt.textContent()).toMatch(/^Attempt 1 204 in \d/);
      expect(performance.now() - start).toBeLessThan(PROMISED_MS);
    });

    it.each(PAGES)('axe finds nothing on the page %s of the demo in both themes', async (path) => {
      await browser!.go(page, `/${path}`);
      await page.locator('.table-row, .empty, .rule-editor').first().waitFor();
      expect(await axeFindings(page, 'light')).toEqual([]);
      expect(await axeFindings(page, 'dark')).toEqual([]);
    });
  },
);
