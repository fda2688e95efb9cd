import type { Browser, Page } from 'playwright-core';
import { UsersService } from '#auth';
import { dashboardConfig } from '#dashboard/config';
import { chromiumMissing, launchChromium, pageOf } from '../setup/chromium.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

(chromiumMissing ? describe.skip : describe)(
  `the plain page in Chromium${chromiumMissing ? ` (skipped: ${chromiumMissing})` : ''}`,
  () => {
    let app: TestApp;
    let browser: Browser;
    let page: Page;
    let operator: Awaited<ReturnType<TestApp['login']>>;
    const complaints: string[] = [];
    let asOf = Date.parse('2026-11-02T03:45:00Z');
    const put = async (id: string, cash: string) => {
      const body = {
        broker: 'zerodha',
        account: `A-${id}`,
        asOf: new Date((asOf += 1_000)).toISOString(),
        currency: 'INR',
        cash,
        positions: [],
      };
      const { status } = await app.request('PUT', `/v1/portfolios/${id}/snapshot`, { token: operator.token, body });
      expect(status).toBe(200);
    };
    const held = () => page.evaluate('JSON.stringify(desk.held)').then((text) => JSON.parse(text as string));
    const rest = async () =>
      (await app.request('GET', '/v1/dashboard', { token: operator.token, headers: { 'cache-control': 'no-cache' } }))
        .body;
    const cell = (portfolio: string) =>
      page.locator('#panel-portfolios tbody tr', { hasText: portfolio }).locator('td').nth(4);

    beforeAll(async () => {
      app = await startTestApp({
        env: { PUBLIC_URL: 'http://desk.example/desk' },
        internals: [dashboardConfig.with({ heartbeatMs: 500 })],
      });
      operator = await app.login('operator');
      await put('alpha', '1000.00');
      await put('beta', '2500.50');
      browser = await launchChromium();
      page = await pageOf(browser, { viewport: { width: 1360, height: 900 } });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        // A refused sign-in appears as a failed request, which is what the test requested.
        if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
      });
      await page.goto(`${app.url}/desk/plain`);
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    it('the page explains a refused password and allows another attempt', async () => {
      await page.fill('[name=email]', operator.email);
      await page.fill('[name=password]', 'not the password');
      await page.keyboard.press('Enter');
      await page.locator('#wrong', { hasText: 'password is wrong' }).waitFor();
    });

    it('the page signs in by keyboard and shows the panels, the stamp and the live state', async () => {
      await page.fill('[name=password]', operator.password);
      await page.keyboard.press('Enter');
      await page.locator('#panel-portfolios tbody tr').nth(1).waitFor();
      expect(await cell('alpha').textContent()).toBe('1 000.00');
      expect(
        await page.locator('#panel-portfolios .tile', { hasText: 'Cash, INR' }).locator('output').textContent(),
      ).toBe('3 500.50');
      expect(await page.locator('main section h2').allTextContents()).toEqual([
        'portfolios2',
        'alerts0',
        'deliveries0',
        'feeds0',
        'webhooks0',
        expect.stringMatching(/^sessions/),
        expect.stringMatching(/^instruments/),
        expect.stringMatching(/^system/),
      ]);
      expect(await page.locator('#connection').textContent()).toBe('live');
      expect(await page.locator('#cut').textContent()).toBe((await held()).snapshot.id);
      expect(await page.locator('#demo').isVisible()).toBe(false);
    });

    it('the page applies deltas, highlights changes, and holds exactly the answer of REST', async () => {
      await put('alpha', '1234567.89');
      await cell('alpha').filter({ hasText: '1 234 567.89' }).waitFor();
      expect(await cell('alpha').getAttribute('data-moved')).toBe('rise');
      await put('gamma', '7.00');
      await page.locator('#panel-portfolios tbody tr', { hasText: 'gamma' }).waitFor();
      expect(await page.evaluate('desk.deltas')).toBeGreaterThanOrEqual(2);
      const { snapshot, panels } = await rest();
      await page.waitForFunction(
        (id) => (globalThis as never as { desk: { held: { snapshot: { id: string } } } }).desk.held.snapshot.id === id,
        snapshot.id,
      );
      expect(await held()).toEqual({ snapshot, panels });
    });

    it('the page requests a full cut when a delta does not start at its id', async () => {
      await page.evaluate('desk.loseStep()');
      await put('alpha', '42.00');
      await cell('alpha')
        .filter({ hasText: /^42\.00$/ })
        .waitFor();
      expect(await page.evaluate('desk.resyncs')).toBeGreaterThanOrEqual(1);
      const { panels } = await rest();
      expect((await held()).panels).toEqual(panels);
    });

    it('the page shows its age, which heartbeats keep fresh while nothing changes', async () => {
      await page.waitForTimeout(1_500); // Real time, because the page shows it.
      // Without heartbeats it would be older and older.
      await page.locator('#age[data-level=good]', { hasText: /^verified 0\.\d s ago$/ }).waitFor();
    });

    it('the page marks demo data', async () => {
      await app.get(UsersService).add({ email: 'made@example.com', roles: ['viewer'], isDemo: true });
      await page.locator('#demo').waitFor({ state: 'visible' });
    });

    it('the page reconnects after a broken connection and shows its state meanwhile', async () => {
      await page.context().setOffline(true);
      await page.evaluate('socket.io.engine.close()');
      await page.locator('#connection', { hasText: /disconnected|not connected/ }).waitFor();
      await page.locator('#age[data-level=bad]').waitFor();
      await page.context().setOffline(false);
      await page.locator('#connection', { hasText: 'live' }).waitFor();
      await put('beta', '3.00');
      await cell('beta')
        .filter({ hasText: /^3\.00$/ })
        .waitFor();
    });

    it('the page stays signed in over a reload, keeps no token in the page, and signs out', async () => {
      if (process.env['SCREENSHOT']) await page.screenshot({ path: process.env['SCREENSHOT'] });
      await page.reload();
      await page.locator('#panel-portfolios tbody tr').first().waitFor();
      expect(await page.content()).not.toContain(operator.token);
      expect(await page.evaluate('Object.keys(localStorage).length + document.cookie.length')).toBe(0);
      await page.click('#leave');
      await page.locator('#door').waitFor({ state: 'visible' });
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
    });

    it('the page wrote no error to the console', () => {
      expect(complaints.filter((text) => !/WebSocket|ERR_INTERNET_DISCONNECTED/.test(text))).toEqual([]);
    });
  },
);
