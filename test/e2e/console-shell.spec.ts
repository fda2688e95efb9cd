import type { Page } from 'playwright-core';
import { UsersService } from '#auth';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { axeFindings, ConsoleBrowser, consoleMissing } from './console-book.fixture.js';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };

(consoleMissing ? describe.skip : describe)(
  `the console's frame and the pages Desk, System and Account${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: ConsoleBrowser;
    let page: Page;
    let operator: Awaited<ReturnType<TestApp['login']>>;
    const path = () => new URL(page.url()).pathname + new URL(page.url()).search;
    const heading = (title: string) => page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    const dialog = (name: string) => page.getByRole('dialog', { name });
    const panels = () => page.locator('.desk-panel h2 a, .desk-panel h2:not(:has(a))').allTextContents();

    beforeAll(async () => {
      app = await startTestApp();
      operator = await app.login('operator');
      const snapshot = {
        broker: 'zerodha',
        account: 'A-1',
        asOf: '2026-11-02T03:45:00Z',
        currency: 'INR',
        cash: '12345678.90',
        positions: [],
      };
      await app.request('PUT', '/v1/portfolios/alpha/snapshot', { token: operator.token, body: snapshot });
      browser = await ConsoleBrowser.open(app);
      page = await browser.signedIn(operator, '/system?tab=tasks');
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it('the sign-in leads to the address that was opened', async () => {
      await heading('System');
      expect(path()).toBe('/system?tab=tasks');
      await page.getByRole('grid', { name: 'Background tasks' }).waitFor();
    });

    it('the console is driven by keys: the palette, the help, and letters that go to pages', async () => {
      await page.keyboard.press('Control+k');
      await dialog('Commands').waitFor();
      await page.keyboard.type('accou');
      await page.keyboard.press('Enter');
      await heading('Account');
      await page.keyboard.press('?');
      await dialog('Keyboard').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('d');
      await heading('Desk');
      await page.goBack();
      await heading('Account');
    });

    it('a viewer and an operator are offered the pages of their roles', async () => {
      const viewer = await browser.signedIn(await app.login('viewer'), '/system');
      await viewer.getByText('Only an operator may see this page.').waitFor();
      const titles = (shown: Page) => shown.locator('nav.side .page-link').allTextContents();
      expect(await titles(viewer)).not.toContain('System');
      expect(await titles(viewer)).not.toContain('Users');
      expect(await titles(page)).toContain('System');
      expect(await titles(page)).not.toContain('Users');
      await viewer.context().close();
    });

    it('the desk shows values live, and keeps the arrangement of its panels over a reload', async () => {
      await browser.go(page, '/');
      const value = page.locator('[data-panel=portfolios] tr', { hasText: 'alpha' }).locator('td').nth(-2);
      await value.filter({ hasText: '12,345,678.90' }).waitFor();
      await page.getByRole('button', { name: 'Arrange' }).click();
      await page.getByRole('button', { name: 'Move Portfolios earlier' }).click();
      await page.getByRole('button', { name: 'Move Portfolios earlier' }).click();
      await page.getByRole('button', { name: 'Hide Feeds' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.reload();
      await value.waitFor();
      const shown = await panels();
      expect(shown[0]).toBe('Portfolios');
      expect(shown).not.toContain('Feeds');
      await value.click();
      await heading('alpha');
    });

    it('the account page changes theme, zone and grouping at once, for this browser', async () => {
      await browser.go(page, '/account');
      await page.getByLabel('Lakh and crore').check();
      await page.getByText('1,23,45,678.90').waitFor();
      await page.getByLabel('Dark', { exact: true }).check();
      await page.getByLabel('Time zone').selectOption('Asia/Kolkata');
      await page
        .getByText(/GMT\+5:30|IST/)
        .first()
        .waitFor();
      expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
      await page.getByLabel('As the system').check();
    });

    it('a broken connection is said, and recovers, and a form keeps its input', async () => {
      await page.getByRole('button', { name: 'Add a key' }).click();
      await page.getByLabel('Name').fill('the reporting job');
      await page.context().setOffline(true);
      await page.getByText('This computer is offline.').waitFor();
      await page.context().setOffline(false);
      await page.locator('.banner').waitFor({ state: 'detached' });
      await page.locator('.connection[data-status=live]').waitFor();
      expect(await page.getByLabel('Name').inputValue()).toBe('the reporting job');
    });

    it('a login that ends is replaced over the page, and the form continues', async () => {
      await app.get(UsersService).change(operator.userId, { disabled: true });
      await dialog('Your login has ended').waitFor();
      await app.get(UsersService).change(operator.userId, { disabled: false });
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.keyboard.press('Enter');
      await dialog('Your login has ended').getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
      await page.getByLabel('Password', { exact: true }).fill(operator.password);
      await page.keyboard.press('Enter');
      await dialog('Your login has ended').waitFor({ state: 'detached' });
      expect(await page.getByLabel('Name').inputValue()).toBe('the reporting job');
      await page.getByRole('button', { name: 'Add the key' }).click();
      await page.getByText('This is the only time that the key is shown.').waitFor();
      await page.getByRole('button', { name: 'I have stored it' }).click();
      await page.getByRole('button', { name: 'Revoke the reporting job' }).click();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.locator('.toast', { hasText: 'The API key is revoked.' }).waitFor();
    });

    it('axe finds nothing wrong with the frame and its pages, in both themes and on a phone', async () => {
      const found: string[] = [];
      for (const address of ['/', '/system', '/system?tab=caches', '/account']) {
        await browser.go(page, address);
        await page.locator('.table-row, .part, .account-form').first().waitFor();
        found.push(...(await axeFindings(page, 'light')));
        // All pages have the colours of one theme. `npm run test:console` looks at each in both.
        if (address === '/system' || process.env['CONSOLE'] === 'true')
          found.push(...(await axeFindings(page, 'dark')));
      }
      await page.setViewportSize(PHONE);
      await browser.go(page, '/');
      await page.locator('[data-panel=portfolios] .table-row').waitFor();
      found.push(...(await axeFindings(page, 'dark')));
      expect(found).toEqual([]);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBe(0);
      for (const column of ['Value', 'Day P&L'])
        expect(await page.locator('[data-panel=portfolios] th', { hasText: column }).isVisible()).toBe(true);
      await page.setViewportSize(DESKTOP);
    });

    it('another person who signs in over a login that has ended sees nothing of the first one', async () => {
      await browser.go(page, '/rules?rule=new');
      await page.getByLabel('Name').fill('a rule of the operator');
      await browser.go(page, '/account');
      await page.getByText('this one', { exact: true }).waitFor();
      const viewer = await app.login('viewer');
      await app.get(UsersService).change(operator.userId, { disabled: true });
      await dialog('Your login has ended').waitFor();
      let answer!: () => void;
      const held = new Promise<void>((resolve) => (answer = resolve));
      await page.route('**/v1/auth/logins*', async (route) => {
        await held;
        await route.continue();
      });
      await page.getByLabel('E-mail').fill(viewer.email);
      await page.getByLabel('Password', { exact: true }).fill(viewer.password);
      await page.keyboard.press('Enter');
      await page.locator('.who', { hasText: viewer.email }).waitFor();
      await page.getByRole('heading', { name: 'Sign-ins' }).waitFor();
      expect(await page.getByText('this one', { exact: true }).count()).toBe(0);
      answer();
      await page.getByText('this one', { exact: true }).waitFor();
      await page.unroute('**/v1/auth/logins*');
      await browser.go(page, '/rules?rule=new');
      await page.getByRole('heading', { name: 'New rule' }).waitFor();
      expect(await page.getByLabel('Name').inputValue()).toBe('');
    });

    it('signing out ends the login and shows the sign-in, and no page has failed', async () => {
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('accessToken');
      // A refused sign-in and a cut connection are failed requests, which the tests asked for.
      expect(browser.complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|WebSocket|401/.test(text))).toEqual([]);
    });
  },
);
