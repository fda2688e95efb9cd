import type { Page } from 'playwright-core';
import { UsersService } from '#auth';
import { ConsoleBrowser, consoleMissing } from '../e2e/console-book.fixture.js';
import { FaultProxy } from '../setup/fault-proxy.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

/** The page says what has happened within this time, in ms. */
const SAID_MS = 1_000;
/** Lifetime of an access token, in ms. */
const TOKEN_MS = 60_000;
const NAME = 'the reporting job';

(consoleMissing ? describe.skip : describe)(
  `a console in trouble${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let database: TestDatabase;
    let toDatabase: FaultProxy;
    let toDesk: FaultProxy;
    let app: TestApp;
    let browser: ConsoleBrowser;
    let page: Page;
    let trader: Awaited<ReturnType<TestApp['login']>>;
    let signedInAt = 0;
    const figures: string[] = [];

    const start = (port = '0') =>
      startTestApp({
        database: { url: toDatabase.url, drop: () => Promise.resolve() },
        env: { PORT: port, JWT_EXPIRE_MINUTES: '1' },
      });
    const isLive = () => page.locator('.connection[data-status=live]').waitFor();
    const isQuiet = () => page.locator('.banner').waitFor({ state: 'detached' });
    const typed = () => page.getByLabel('Name').inputValue();
    const ended = (shown = page) => shown.getByRole('dialog', { name: 'Your login has ended' });

    /** Time in ms from the fault to the element that says so. */
    async function saidAfter(what: string, selector: string, fault: () => unknown, shown = page): Promise<void> {
      const seen = shown.evaluate(`new Promise((resolve) => {
        const look = () => (document.querySelector('${selector}') ? resolve(Date.now()) : requestAnimationFrame(look));
        look();
      })`);
      // The page watches from here on.
      await shown.evaluate('0');
      const at = Date.now();
      const done = fault();
      const ms = ((await seen) as number) - at;
      await done;
      figures.push(`${what} ${ms} ms`);
      expect(ms).toBeLessThan(SAID_MS);
    }

    beforeAll(async () => {
      database = await createTestDatabase();
      toDatabase = await FaultProxy.start(database.url);
      app = await start();
      toDesk = await FaultProxy.start(app.url);
      trader = await app.login('trader');
      browser = await ConsoleBrowser.open(toDesk);
      page = await browser.signedIn(trader, '/account');
      signedInAt = Date.now();
      await isLive();
      await page.getByRole('button', { name: 'Add a key' }).click();
      await page.getByLabel('Name').fill(NAME);
    });
    afterAll(async () => {
      if (process.env['CONSOLE_FIGURES']) process.stderr.write(`said after: ${figures.join(', ')}\n`);
      await browser?.close();
      await app?.close();
      await toDesk?.become('refuse');
      await toDatabase?.become('refuse');
      await database?.drop();
    });
    afterEach(async () => expect(await typed()).toBe(NAME));

    it('a cut cable is said within a second, and the page recovers alone', async () => {
      await saidAfter('cable', '.banner', () => page.context().setOffline(true));
      await page.context().setOffline(false);
      await isLive();
      await isQuiet();
    });

    it('a killed server is said within a second, and the page recovers alone', async () => {
      await saidAfter('killed server', '.banner', () => toDesk.become('refuse'));
      await toDesk.become('pass');
      await isLive();
      await isQuiet();
    });

    it('a hung database is said within a second after the desk knows it, and the page recovers alone', async () => {
      const socket = app.socket(trader.token);
      await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
      await socket.emitWithAck('dashboard:subscribe', { panels: ['system'] });
      const known = new Promise<void>((resolve) =>
        socket.on('flow', ({ state }: { state: string }) => state === 'stale' && resolve()),
      );
      await toDatabase.become('hang');
      await known;
      await saidAfter('hung database', '.banner[data-tone=bad]', () => undefined);
      await toDatabase.become('pass');
      await isLive();
      await isQuiet();
      socket.disconnect();
    });

    it('a disabled user is told within a second, and continues with the same form when the login is allowed again', async () => {
      const users = () => app.get(UsersService);
      await saidAfter('disabled user', '[aria-labelledby=ended]', () =>
        users().change(trader.userId, { disabled: true }),
      );
      await users().change(trader.userId, { disabled: false });
      await page.getByLabel('Password', { exact: true }).fill(trader.password);
      await page.keyboard.press('Enter');
      await ended().waitFor({ state: 'detached' });
      await isLive();
      signedInAt = Date.now();
    });

    it('two tabs share a login: one that signs out is said in the other within a second, and its sign-in counts for both', async () => {
      const second = await page.context().newPage();
      await second.goto(new URL('/', toDesk.url).href);
      await second.locator('.connection[data-status=live]').waitFor();
      const signOut = second.getByRole('button', { name: 'Sign out', exact: true });
      await saidAfter('second tab', '[aria-labelledby=ended]', () => signOut.click());
      await second.fill('[name=email]', trader.email);
      await second.fill('[name=password]', trader.password);
      await second.keyboard.press('Enter');
      await ended().waitFor({ state: 'detached' });
      await isLive();
      signedInAt = Date.now();
      await second.close();
    });

    it('a login outlives its access tokens without a word to the person', async () => {
      const refreshed = page.waitForResponse((response) => response.url().endsWith('/v1/auth/refresh'), {
        timeout: 2 * TOKEN_MS,
      });
      expect((await refreshed).status()).toBe(200);
      await page.waitForTimeout(Math.max(0, signedInAt + TOKEN_MS + 1_000 - Date.now())); // The first token has ended.
      await isLive();
      expect(await ended().count()).toBe(0);
    });

    it('a restart in the middle of a form is said within a second, and the form is sent afterwards', async () => {
      const { port } = new URL(app.url);
      await saidAfter('restart', '.banner', () => app.close());
      app = await start(port);
      await isLive();
      await isQuiet();
      expect(await typed()).toBe(NAME);
      await page.getByRole('button', { name: 'Add the key' }).click();
      await page.getByText('This is the only time that the key is shown.').waitFor();
      await page.getByRole('button', { name: 'I have stored it' }).click();
      await page.getByText(NAME).waitFor();
      await page.getByRole('button', { name: 'Add a key' }).click();
      await page.getByLabel('Name').fill(NAME);
    });
  },
);
