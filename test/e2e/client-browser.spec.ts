import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { LiveSockets } from '#realtime';
import { AccessTokens } from '../../libs/auth/tokens/access-tokens.js';
import { chromiumMissing, contextOf, launchChromium } from '../setup/chromium.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

/** A page that the test answers itself counts as one of the internet, which may not call a local server otherwise. */
const CALLS_LOCAL_SERVER = '--disable-features=LocalNetworkAccessChecks';
const README = readFileSync('clients/typescript/README.md', 'utf8');

/** A page that counts how often each of its parts is drawn. */
const COUNTING = `
import { createElement, memo } from 'react';
import { createRoot } from 'react-dom/client';
import { createDesk } from '@deskwire/client';
import { DeskProvider, useIdentity, useLive, useLiveStatus, usePanel } from '@deskwire/client/react';

const desk = createDesk({ url: '/' });
const drawn = {};
const count = (name) => (drawn[name] = (drawn[name] ?? 0) + 1);
Object.assign(window, { desk, drawn });

function Total({ live }) {
  count('total');
  return createElement('output', { id: 'total' }, usePanel(live, 'portfolios', ({ total }) => total));
}
function Cash({ live, id }) {
  count(id);
  const part = usePanel(live, 'portfolios', ({ rows }) => ({ cash: rows[id]?.cash, list: undefined }));
  return createElement('output', { id }, part?.cash);
}
function Status({ live }) {
  return createElement('output', { id: 'status' }, useLiveStatus(live));
}
function Book() {
  count('book');
  const live = useLive({ portfolios: {} });
  const parts = ['alpha', 'beta'].map((id) => createElement(Cash, { key: id, live, id }));
  return createElement('main', {}, createElement(Status, { live }), createElement(Total, { live }), ...parts);
}
function App() {
  return useIdentity() ? createElement(Book) : createElement('p', { id: 'signed-out' }, 'Nobody is signed in.');
}
createRoot(document.getElementById('root')).render(createElement(DeskProvider, { desk }, createElement(App)));
`;

(chromiumMissing ? describe.skip : describe)(
  `@deskwire/client in Chromium${chromiumMissing ? ` (skipped: ${chromiumMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: Browser;
    let context: BrowserContext;
    let user: Awaited<ReturnType<TestApp['login']>>;
    const scripts = new Map<string, string>();
    const complaints: string[] = [];
    let refreshes = 0;
    let asOf = Date.parse('2026-11-02T03:45:00Z');
    const put = async (id: string, cash: string) => {
      const time = new Date((asOf += 1_000)).toISOString();
      const body = { broker: 'zerodha', account: `A-${id}`, asOf: time, currency: 'INR', cash, positions: [] };
      const { status } = await app.request('PUT', `/v1/portfolios/${id}/snapshot`, { token: user.token, body });
      expect(status).toBe(200);
    };
    /** A page of the desk's own origin and with the policy of its console. */
    const open = async (name: string): Promise<Page> => {
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' && !/ERR_INTERNET_DISCONNECTED/.test(message.text()))
          complaints.push(message.text());
      });
      await page.goto(`${app.url}/pages/${name}`);
      return page;
    };
    const text = (page: Page, id: string, wanted: string) => page.locator(`#${id}`, { hasText: wanted }).waitFor();
    const signIn = ({ email, password }: { email: string; password: string }) =>
      `desk.signIn(${JSON.stringify({ email, password })}).then(({ role }) => role)`;

    beforeAll(async () => {
      [app, browser] = await Promise.all([
        startTestApp(),
        launchChromium(CALLS_LOCAL_SERVER),
        bundle({ dashboard: /^```tsx dashboard\n(.*?)^```/ms.exec(README)![1]!, counting: COUNTING }, scripts),
      ]);
      user = await app.login('operator');
      await put('alpha', '12345678.90');
      await put('beta', '2.00');
      context = await contextOf(browser);
      await context.route('**/pages/*', (route) => {
        const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
        const [type, body] = name.endsWith('.js')
          ? ['text/javascript', scripts.get(name)!]
          : [
              'text/html',
              `<link rel="icon" href="data:,"><div id="root"></div><script type="module" src="${name}.js"></script>`,
            ];
        const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:";
        return route.fulfill({ contentType: type!, body: body!, headers: { 'content-security-policy': policy } });
      });
      context.on('request', (request) => {
        if (request.url().endsWith('/v1/auth/refresh')) refreshes += 1;
      });
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it('the dashboard of the README signs in, and shows portfolios as they change', async () => {
      const page = await open('dashboard');
      await page.fill('[name=email]', user.email);
      await page.fill('[name=password]', user.password);
      await page.keyboard.press('Enter');
      await page.locator('caption', { hasText: '2 portfolios, live' }).waitFor();
      expect(await page.locator('tr').allTextContents()).toEqual(['alpha1,23,45,678.90 INR', 'beta2.00 INR']);
      await put('beta', '99999999.00');
      await page.locator('tr:first-child', { hasText: 'beta9,99,99,999.00 INR' }).waitFor();
      await page.evaluate('localStorage.clear()');
      await page.close();
    });

    it('a component is drawn again when its part of a panel changes, and only then', async () => {
      const page = await open('counting');
      await page.locator('#signed-out').waitFor();
      expect(await page.evaluate(signIn(user))).toBe('operator');
      await text(page, 'alpha', '12345678.90');
      await text(page, 'status', 'live');
      const before = (await page.evaluate('({ ...drawn })')) as Record<string, number>;
      await put('alpha', '1.00');
      await text(page, 'alpha', '1.00');
      expect(await page.evaluate('drawn')).toEqual({ ...before, alpha: before['alpha']! + 1 });
    });

    it('a page says at once that the network is gone, keeps its rows, and recovers alone', async () => {
      const page = context.pages().at(-1)!;
      // At once: before a timer of 0 ms that a later listener of the same event starts.
      await page.evaluate(`{
        const status = () => document.getElementById('status').textContent;
        addEventListener('offline', () => setTimeout(() => (window.seen = status())), { once: true });
      }`);
      await context.setOffline(true);
      await page.waitForFunction('window.seen');
      expect(await page.evaluate('seen')).toBe('reconnecting');
      expect(await page.locator('#alpha').textContent()).toBe('1.00');
      await put('alpha', '2.00');
      await context.setOffline(false);
      await text(page, 'status', 'live');
      await text(page, 'alpha', '2.00');
    });

    it('two tabs share one login, refresh it once, and sign out together', async () => {
      const [one] = context.pages();
      // The desk warns all sockets whose tokens end within a minute in the same second.
      Object.assign(app.get(AccessTokens), { clock: () => Date.now() - 15 * 60_000 + 300_000 });
      await one!.evaluate('desk.signOut()');
      await one!.evaluate(signIn(user));
      Object.assign(app.get(AccessTokens), { clock: Date.now });
      const two = await open('counting');
      await Promise.all([one!, two].map((page) => text(page, 'status', 'live')));
      expect(refreshes).toBe(0);
      for (const live of app.get(LiveSockets).all)
        Object.defineProperty(live, 'expiresAt', { get: soon, configurable: true });
      await eventually(() => expect(refreshes).toBe(1));
      for (const live of app.get(LiveSockets).all) delete (live as { expiresAt?: unknown }).expiresAt;
      await put('beta', '3.00');
      await Promise.all([one!, two].map((page) => text(page, 'beta', '3.00')));
      await eventually(() => {
        const ends = [...app.get(LiveSockets).all].map(({ expiresAt }) => expiresAt - Date.now());
        expect(ends.every((ms) => ms > 600_000) && ends.length === 2).toBe(true);
      });
      expect(refreshes).toBe(1);
      await two.evaluate('desk.signOut()');
      await one!.locator('#signed-out').waitFor();
      expect(await one!.evaluate('localStorage.length')).toBe(0);
    });

    it('no page breaks the policy of the console or reports an error', () => {
      expect(complaints).toEqual([]);
    });
  },
);

const soon = () => Date.now() + 30_000;

/** Bundles pages by name, each as `<name>.js`. */
async function bundle(pages: Record<string, string>, scripts: Map<string, string>): Promise<void> {
  const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.client-spec-'));
  try {
    for (const [name, code] of Object.entries(pages)) {
      const input = join(folder, `${name}.tsx`);
      writeFileSync(input, code);
      const output = await build({
        configFile: false,
        logLevel: 'error',
        oxc: { jsx: { runtime: 'automatic' } },
        resolve: { conditions: ['deskwire-source', 'module', 'browser'] },
        build: { write: false, rolldownOptions: { input } },
      });
      scripts.set(`${name}.js`, (output as unknown as { output: { code: string }[] }).output[0]!.code);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
