import type { Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { Egress } from '#egress';
import { defineEvent, EventLog } from '#events';
import { withCorrelation } from '#telemetry';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ConsoleBrowser } from './console-book.fixture.js';

export const ConsoleNews = defineEvent('SpecConsoleNews', 1, z.strictObject({ title: z.string(), ticker: z.string() }));

/** Correlation id of all news. */
export const TRACE = 'spec-console-trace';

/** A desk with a receiver of webhooks, and an operator at its console. */
export class WorkflowDesk {
  private constructor(
    readonly app: TestApp,
    readonly receiver: TestReceiver,
    readonly browser: ConsoleBrowser,
    readonly page: Page,
    private readonly token: string,
  ) {}

  static async open(): Promise<WorkflowDesk> {
    const receiver = await new TestReceiver().open();
    const app = await startTestApp();
    app.get(Egress).allow(receiver.host);
    const operator = await app.login('operator');
    const browser = await ConsoleBrowser.open(app);
    return new WorkflowDesk(app, receiver, browser, await browser.signedIn(operator, '/alerts'), operator.token);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.receiver.close();
  }

  record(...titles: string[]): Promise<void> {
    return withCorrelation(TRACE, async () => {
      for (const title of titles)
        await this.app.get(EventLog).record({ type: ConsoleNews.type, payload: { title, ticker: 'ACME' } });
    });
  }

  async read(path: string): Promise<any> {
    return (await this.app.request('GET', path, { token: this.token })).body;
  }

  go(path: string): Promise<unknown> {
    return this.browser.go(this.page, path);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  row(text: string): Locator {
    return this.page.locator('tr.table-row', { hasText: text });
  }

  dialog(): Locator {
    return this.page.getByRole('dialog').last();
  }

  inDialog(name: string): Locator {
    return this.dialog().getByRole('button', { name, exact: true });
  }

  /** Chooses an act, and agrees to its question. */
  async asked(name: string, act: string): Promise<void> {
    await this.button(name).click();
    await this.inDialog(act).click();
  }

  told(text: string | RegExp): Promise<void> {
    return this.page.locator('.toast', { hasText: text }).first().waitFor();
  }

  parameter(name: string): string[] {
    return new URL(this.page.url()).searchParams.getAll(name);
  }
}
