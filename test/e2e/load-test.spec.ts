import { spawnSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import type { LoadReport } from '../load/load-report.js';
import { runLoadTest } from '../load/load-test.js';
import { reportPage } from '../load/report-page.js';
import { correctness, timeliness } from '../load/thresholds.js';
import { SHORT } from '../load/trading-day.js';
import { chromiumMissing, launchChromium, pageOf } from '../setup/chromium.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { buildIfStale } from '../setup/build-if-stale.js';

it('a wrong option of the load test ends it with exit code 64 and names the option', () => {
  const { status, stderr } = spawnSync(process.execPath, ['test/load/run.mjs', '--bogus'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([64, expect.stringContaining("Unknown option '--bogus'")]);
});

describe('the short form of the load test', () => {
  let database: TestDatabase;
  let report: LoadReport;

  beforeAll(async () => {
    buildIfStale();
    database = await createTestDatabase();
    report = await runLoadTest({ databaseUrl: database.url, size: SHORT, processes: 1, say: () => undefined });
  });
  afterAll(() => database.drop());

  it('a short trading day fails no request, loses no alert, and every screen shows what REST answers', () => {
    expect(correctness(report).filter(({ pass }) => !pass)).toEqual([]);
    expect(report.truth.comparedScreens).toBe((SHORT.sockets / 10) * report.phases.length);
  });

  it('every phase of the short trading day has the load that it names', () => {
    const { phases } = report;
    expect(phases.map(({ name }) => name)).toEqual(['open', 'steady', 'news', 'reconnect', 'close']);
    const [open, steady, news, reconnect, close] = phases;
    for (const { subscriptions } of [open!, reconnect!]) expect(subscriptions).toBe(SHORT.sockets);
    for (const { quotes } of [open!, steady!, news!, reconnect!]) expect(quotes).toBeGreaterThan(0);
    expect(close!.quotes).toBe(0);
    expect(news!.alerts).toBe(SHORT.newsPerSecond * SHORT.seconds);
    expect(news!.webhookMs.max).toBeGreaterThan(0);
    expect(steady!.frames + news!.frames).toBeGreaterThan(0);
    for (const { requests, deskCores } of phases)
      expect({ requests: requests > 0, deskCores: deskCores > 0 }).toEqual({ requests: true, deskCores: true });
  });

  it('limits that no desk can keep fail the load test in every phase', () => {
    const impossible = { readP99: 0, quoteP99: 0, screenP99: -1, subscribeP99: 0, webhookP99: 0 };
    const failed = timeliness(report, impossible).filter(({ pass }) => !pass);
    expect(new Set(failed.map(({ what }) => what.split(':')[0])).size).toBe(5);
  });

  (chromiumMissing ? describe.skip : describe)(
    `its report in Chromium${chromiumMissing ? ` (skipped: ${chromiumMissing})` : ''}`,
    () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await launchChromium();
      });
      afterAll(() => browser.close());

      it('the report of a load test draws its charts and tables from one file, without a request', async () => {
        const page = await pageOf(browser, { viewport: { width: 1240, height: 900 } });
        const complaints: string[] = [];
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('request', (request) => complaints.push(request.url()));
        await page.setContent(reportPage(report, correctness(report)));
        expect(await page.locator('.result').innerText()).toMatch(/^Passed: \d+ of \d+ thresholds$/);
        const charts = page.locator('svg');
        expect(await charts.count()).toBe(6);
        for (let at = 0; at < 6; at += 1) {
          const box = (await charts.nth(at).boundingBox())!;
          expect(box.width > 300 && box.height > 100).toBe(true);
        }
        const sizes = await page.evaluate<number[]>(
          `[...document.querySelectorAll('polyline')].map((line) => line.getBBox().width)`,
        );
        expect(sizes.length).toBe(8);
        expect(sizes.every((width) => width > 200)).toBe(true);
        expect(await page.locator('#phases th').allInnerTexts()).toEqual([
          '',
          ...report.phases.map(({ name }) => name),
        ]);
        expect(await page.locator('.verdicts tr.pass').count()).toBe(correctness(report).length);
        expect(complaints).toEqual([]);
        await page.close();
      });

      it('the report of a failed load test says so first, and names what failed', async () => {
        const page = await pageOf(browser);
        const broken = { ...report, truth: { ...report.truth, lostAlerts: 3 } };
        await page.setContent(reportPage(broken, correctness(broken)));
        expect(await page.locator('.result').innerText()).toMatch(/^Failed: 1 of/);
        expect(await page.locator('.verdicts').first().innerText()).toContain('alerts that the receiver never got');
        await page.close();
      });
    },
  );
});
