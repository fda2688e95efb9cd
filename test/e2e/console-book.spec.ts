import type { Page } from 'playwright-core';
import { feedsConfig } from '#feeds/config';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { axeFindings, ConsoleBrowser, consoleMissing, dropFile } from './console-book.fixture.js';

type Person = Awaited<ReturnType<TestApp['login']>>;
const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const;
const MASTER = kiteCsv(contracts(4));
const HOLDINGS = 'key,quantity,average_price,last_price,currency\n1000,10,90,100.25,INR\n1001,-4,50,49.5,INR\n';

(consoleMissing ? describe.skip : describe)(
  `the console's book${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let app: TestApp;
    let server: FeedServer;
    let browser: ConsoleBrowser;
    let people: Record<(typeof ROLES)[number], Person>;

    const button = (page: Page, name: string | RegExp) =>
      page.getByRole('button', { name, exact: typeof name === 'string' });
    const row = (page: Page, text: string) => page.locator('tr.table-row', { hasText: text });
    const dialog = (page: Page) => page.getByRole('dialog').last();
    const agree = (page: Page, act: string) => dialog(page).getByRole('button', { name: act, exact: true }).click();
    const told = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text }).waitFor();

    beforeAll(async () => {
      server = await startFeedServer();
      app = await startTestApp({
        env: { EGRESS_ALLOW_HOSTS: server.host },
        internals: [feedsConfig.with({ pollMs: 60_000, watchMs: 200 })],
      });
      const entries = [];
      for (const role of ROLES) entries.push([role, await app.login(role)]);
      people = Object.fromEntries(entries);
      browser = await ConsoleBrowser.open(app);
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
      await server?.close();
    });
    afterEach(() => expect(browser.complaints.splice(0)).toEqual([]));

    it('an operator tries a dropped master, imports it, sees what it changed, rolls back, and stores a mapping', async () => {
      const page = await browser.signedIn(people.operator, '/instruments?tab=imports');
      await page.getByText('No master is imported yet').waitFor();
      await button(page, 'Import a master').first().click();
      await dropFile(page, 'kite.csv', `${MASTER.trimEnd()}\n,,broken\n`);
      await dialog(page).getByLabel('Broker').fill('zerodha');
      expect(await button(page, 'Import').isDisabled()).toBe(true);
      await button(page, 'Try it').click();
      await dialog(page).getByText('4 new').waitFor();
      await dialog(page).getByText('quarantined', { exact: true }).first().waitFor();
      await dialog(page).getByText('Other ways to read it').click();
      await dialog(page).getByLabel('Import in spite of the guards').check();
      await button(page, 'Import').click();
      await agree(page, 'Import it');
      await told(page, 'Imported: 4 new');
      await dialog(page).getByText('ACME26AUG1000CE').waitFor();
      expect(new URL(page.url()).searchParams.get('import')).not.toBeNull();
      await button(page, 'Roll back to this import').click();
      await agree(page, 'Roll back');
      await told(page, 'as they were right after this import');
      await dialog(page).getByText('Import 2 of zerodha').waitFor();
      await page.goBack();
      await page.getByRole('tab', { name: 'Mappings' }).click();
      await button(page, 'Add a mapping').first().click();
      await dialog(page).getByLabel('Broker').fill('acme');
      await dialog(page).getByLabel('Name').fill('acme');
      await dialog(page).getByLabel('Mapping').fill('{"key":["id"]');
      await dialog(page)
        .getByText(/^The mapping is no JSON/)
        .waitFor();
      const mapping = { key: ['id'], columns: { tradingsymbol: 'symbol', name: 'name', exchange: 'exch' } };
      await dialog(page).getByLabel('Mapping').fill(JSON.stringify(mapping));
      await button(page, 'Store').click();
      await told(page, 'is stored');
      await row(page, 'acme').click();
      await button(page, 'Remove').click();
      await agree(page, 'Remove it');
      await page.getByText('No mapping is stored').waitFor();
      await page.context().close();
    });

    it('a viewer finds a contract by facets, opens its chain from an address, follows it, and is offered no import', async () => {
      const page = await browser.signedIn(people.viewer, '/instruments');
      const counted = page.waitForResponse(/\/v1\/instruments\/facets\?query=ACME$/);
      await browser.go(page, '/instruments?q=ACME');
      expect(await (await counted).json()).toMatchObject({ complete: true, facets: { type: [{ value: 'CE' }] } });
      await row(page, 'ACME26AUG1002CE').click();
      await page.getByRole('region', { name: /^Series of ACME/ }).waitFor();
      await button(page, /^Follow ACME26AUG1002CE/).click();
      await told(page, 'You follow ACME26AUG1002CE');
      await page.goBack();
      expect(await page.getByRole('searchbox').inputValue()).toBe('ACME');
      await page.getByRole('tab', { name: 'Watch list' }).click();
      await row(page, 'ACME26AUG1002CE').waitFor();
      await button(page, 'Stop following ACME26AUG1002CE').click();
      await page.getByText('You follow no contract').waitFor();
      expect(await page.getByRole('tab').allTextContents()).toEqual(['Search', 'Watch list']);
      for (const path of ['/portfolios', '/feeds']) {
        await browser.go(page, path);
        await page.locator('.empty').waitFor();
        expect(await button(page, /Import|Add a feed/).count()).toBe(0);
      }
      expect(await page.getByRole('link', { name: /^(Audit|Users)$/ }).count()).toBe(0);
      await page.context().close();
    });

    it('a trader imports documents after a dry run, sees value and day P&L at 390 px, and closes and deletes the portfolio', async () => {
      const page = await browser.signedIn(people.trader, '/portfolios');
      await button(page, 'Import from a broker').first().click();
      await button(page, 'Read without storing').click();
      await dialog(page)
        .getByText(/^Name the portfolio/)
        .waitFor();
      await dialog(page).getByLabel('Portfolio', { exact: true }).fill('book-1');
      await dialog(page).getByLabel('Documents of').selectOption('csv');
      await dropFile(page, 'positions.csv', HOLDINGS);
      await dialog(page).getByText('What the documents do not say').click();
      await dialog(page).getByLabel('Broker').fill('zerodha');
      await dialog(page).getByLabel('Account', { exact: true }).fill('AB1');
      await button(page, 'Read without storing').click();
      await dialog(page).getByText('read, not stored').waitFor();
      await button(page, 'Store the snapshot').click();
      await told(page, '2 positions of book-1 are stored');
      await row(page, 'ACME26AUG1000CE').waitFor();
      expect(new URL(page.url()).searchParams.get('portfolio')).toBe('book-1');
      await page.getByLabel('Find').fill('1001');
      await row(page, 'ACME26AUG1000CE').waitFor({ state: 'detached' });
      const saved = page.waitForEvent('download');
      await button(page, 'CSV').click();
      expect((await saved).suggestedFilename()).toBe('positions-book-1.csv');
      await page.setViewportSize({ width: 390, height: 844 });
      await browser.go(page, '/portfolios');
      await row(page, 'book-1').waitFor();
      const cells = await row(page, 'book-1').locator('td').allTextContents();
      expect(cells).toHaveLength(3);
      const box = await row(page, 'book-1').locator('td').last().boundingBox();
      expect(box!.x + box!.width).toBeLessThanOrEqual(390);
      expect(cells[1]).toBe('804.50');
      await page.setViewportSize({ width: 1_440, height: 900 });
      await row(page, 'book-1').click();
      await button(page, 'Close').click();
      await agree(page, 'Close it');
      await button(page, 'Reopen').click();
      await button(page, 'Close').waitFor();
      await button(page, 'Delete').click();
      await agree(page, 'Delete it');
      await page.getByText('No portfolio yet').waitFor();
      await page.context().close();
    });

    it('an operator adds a feed, sees the stages of its cycle, edits, pauses, resumes, runs and removes it', async () => {
      server.on('/rss', RSS);
      const page = await browser.signedIn(people.operator, '/feeds');
      await button(page, 'Add a feed').first().click();
      await button(page, 'Add the feed').click();
      await dialog(page).getByText('Name the feed.').waitFor();
      await dialog(page).getByLabel('Name').fill('Wire');
      await dialog(page).getByLabel('Address').fill(`${server.origin}/rss`);
      await dialog(page).getByLabel('Seconds between cycles').fill('3600');
      await button(page, 'Add the feed').click();
      await told(page, 'Wire is added');
      await dialog(page)
        .getByRole('img', { name: /^Took .*fetch/ })
        .first()
        .waitFor();
      await button(page, 'Edit').click();
      await dialog(page).getByLabel('Name').fill('Wire 2');
      await button(page, 'Save').click();
      await told(page, 'Wire 2 is changed');
      await button(page, 'Pause').click();
      await told(page, 'The feed is paused');
      await button(page, 'Resume').click();
      await told(page, 'polled again');
      await button(page, 'Run now').click();
      await told(page, 'polled within a second');
      await button(page, 'Remove').click();
      await agree(page, 'Remove it');
      await page.getByText('No feed yet').waitFor();
      await page.context().close();
    });

    it('an admin adds a user, changes the role, ends sign-ins and keys, disables, and follows the trail in the audit', async () => {
      const key = { name: 'robot', roles: ['viewer'] };
      await app.request('POST', '/v1/auth/api-keys', { token: people.viewer.token, body: key });
      const page = await browser.signedIn(people.admin, '/users');
      await button(page, 'Add a user').click();
      await dialog(page).getByLabel('E-mail').fill('new@test.example');
      await button(page, 'Add').click();
      expect((await dialog(page).locator('output').textContent())!.length).toBeGreaterThan(10);
      await button(page, 'I have stored it').click();
      await row(page, 'new@test.example').click();
      await dialog(page).getByLabel('Role').selectOption('operator');
      await agree(page, 'Change the role');
      await told(page, 'new@test.example is changed');
      await button(page, 'Disable').click();
      await agree(page, 'Disable');
      await button(page, 'Enable').click();
      await button(page, 'Disable').waitFor();
      await browser.go(page, `/users?user=${people.viewer.userId}`);
      await button(page, 'Revoke the key robot').click();
      await agree(page, 'Revoke');
      await dialog(page).getByText('No API key').waitFor();
      await button(page, /^End the sign-in/)
        .first()
        .click();
      await agree(page, 'Sign out');
      await told(page, 'The sign-in has ended');
      await page.getByRole('link', { name: 'What was done to them' }).click();
      await row(page, 'API key revoked').first().click();
      await button(page, 'All of this person').click();
      await page.getByRole('heading', { name: `Audit: ${people.admin.email}` }).waitFor();
      await row(page, 'user added').first().waitFor();
      await page.context().close();
    });

    // Every page and form: test/console/book-accessibility.spec.ts.
    it('axe finds nothing in a table, a form with a file and a search, in both themes', async () => {
      const page = await browser.signedIn(people.trader, '/portfolios');
      await button(page, 'Import from a broker').first().click();
      expect(await axeFindings(page, 'dark')).toEqual([]);
      await browser.go(page, '/instruments?q=ACME');
      await row(page, 'ACME26AUG1000CE').waitFor();
      expect(await axeFindings(page, 'light')).toEqual([]);
      await page.context().close();
    });
  },
);

const RSS = `<rss version="2.0"><channel><title>Wire</title><item><guid>1</guid><title>One</title></item></channel></rss>`;
