import type { Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { type Role, UsersService } from '#auth';
import { Egress } from '#egress';
import { defineEvent, EventLog } from '#events';
import { ConsoleBrowser } from '../e2e/console-book.fixture.js';
import { snapshotOf } from '../e2e/portfolio-quotas.fixture.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../setup/test-app.js';

export const WalkNews = defineEvent('SpecWalkNews', 1, z.strictObject({ title: z.string(), ticker: z.string() }));

/** In ascending order. */
export const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const satisfies readonly Role[];

export type Person = Awaited<ReturnType<TestApp['login']>>;

/** What a person has on a desk that is walked. */
export interface Belongings {
  portfolio: string;
  rule: string;
  webhook: string;
}

/** A desk with its console, to be walked by people of each role. */
export class WalkDesk {
  private constructor(
    readonly app: TestApp,
    readonly browser: ConsoleBrowser,
    readonly receiver: TestReceiver,
  ) {}

  static async open(options: TestAppOptions = {}): Promise<WalkDesk> {
    const receiver = await new TestReceiver().open();
    const app = await startTestApp(options);
    app.get(Egress).allow(receiver.host);
    return new WalkDesk(app, await ConsoleBrowser.open(app), receiver);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.receiver.close();
  }

  async send(person: Person, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.app.request(method, path, { token: person.token, ...(body !== undefined && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Contracts, a feed that is paused, a filing of the past and a stored mapping: what the desk has for everybody. */
  async furnish(admin: Person): Promise<void> {
    await this.send(admin, 'POST', '/v1/instruments/imports?broker=zerodha', kiteCsv(contracts(4)));
    const feed = { name: 'Wire', kind: 'rss', url: `http://${this.receiver.host}/rss`, enabled: false };
    await this.send(admin, 'POST', '/v1/feeds', feed);
    const mapping = { key: ['id'], columns: { tradingsymbol: 'symbol', name: 'name', exchange: 'exch' } };
    await this.send(admin, 'PUT', '/v1/instruments/mappings/acme/acme', mapping);
  }

  /** A person of the role who has a portfolio, a rule, a webhook, an alert and its delivery, also where the role cannot make them. */
  async settle(role: Role): Promise<Person & Belongings> {
    const person = await this.app.login('admin');
    const portfolio = `book-${role}`;
    const position = { key: '1000', leg: 'CNC', quantity: '10', averagePrice: '90', lastPrice: '100.25' };
    await this.send(
      person,
      'PUT',
      `/v1/portfolios/${portfolio}/snapshot`,
      snapshotOf(portfolio, { positions: [position] }),
    );
    const webhook = await this.send(person, 'POST', '/v1/webhooks', {
      url: this.receiver.url,
      description: `Hook of ${role}`,
    });
    const condition = { field: 'payload.title', op: 'contains', value: `halt of ${role}` };
    const rule = { name: `Rule of ${role}`, severity: 'critical', condition, channels: [webhook.id] };
    const { id } = await this.send(person, 'POST', '/v1/alert-rules', rule);
    await this.record(`halt of ${role}`);
    await eventually(async () => {
      const { items } = await this.send(person, 'GET', `/v1/deliveries?endpointId=${webhook.id}&status=delivered`);
      expect(items).toHaveLength(1);
    });
    await this.send(person, 'POST', '/v1/alert-silences', {
      ruleId: id,
      until: new Date(Date.now() + 3_600_000).toISOString(),
      reason: `by ${role}`,
    });
    for (const name of ['robot', 'script'])
      await this.send(person, 'POST', '/v1/auth/api-keys', { name: `${name} of ${role}`, roles: ['viewer'] });
    await this.app.get(UsersService).change(person.userId, { roles: [role] });
    return { ...person, portfolio, rule: id, webhook: webhook.id };
  }

  async record(...titles: string[]): Promise<void> {
    for (const title of titles)
      await this.app.get(EventLog).record({ type: WalkNews.type, payload: { title, ticker: 'ACME' } });
  }
}

/** The words in which the walks speak of a page. */
export class Walker {
  constructor(
    readonly page: Page,
    private readonly desk: WalkDesk,
  ) {}

  static async of(desk: WalkDesk, person: Person, path: string): Promise<Walker> {
    return new Walker(await desk.browser.signedIn(person, path), desk);
  }

  go(path: string): Promise<unknown> {
    return this.desk.browser.go(this.page, path);
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }

  dialog(): Locator {
    return this.page.getByRole('dialog').last();
  }

  inDialog(name: string | RegExp): Locator {
    return this.button(name, this.dialog());
  }

  row(text: string): Locator {
    return this.page.locator('tr.table-row', { hasText: text });
  }

  told(text: string | RegExp): Promise<void> {
    return this.page.locator('.toast', { hasText: text }).first().waitFor();
  }

  /** Presses a button and reads the file that the browser saves. */
  async download(press: Locator): Promise<{ name: string; text: string }> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), press.click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString() };
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
