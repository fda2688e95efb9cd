import type { INestApplicationContext } from '@nestjs/common';
import { AlertRulesService } from '#alerts';
import type { Principal } from '#auth';
import { Egress } from '#egress';
import { FeedsService } from '#feeds';
import { WebhooksService } from '#webhooks';
import type { DemoWire } from './demo-wire.js';

const FEED = 'demo-newswire';
const RULE = 'Demo: a trading halt in the news';
const RECEIVER = 'Demo receiver, verifies every signature';
const CADENCE_MS = 5_000;
const ALERT_ON_FIRST = 100;

/**
 * The path from a feed to a webhook: a source for the demo newswire, a rule, and an endpoint at the demo receiver.
 * The newswire has another port in each run, so the source and endpoint of a loaded desk are updated, with a new secret.
 */
export class DemoAlerting {
  private disallow: (() => void) | undefined;

  constructor(
    private readonly context: INestApplicationContext,
    private readonly wire: DemoWire,
  ) {}

  /** Can be repeated after a failure. */
  async open(operator: Principal, now: Date): Promise<void> {
    this.disallow ??= this.get(Egress).allow(this.wire.host);
    this.wire.publish(now);
    await this.openFeed();
    const endpointId = await this.openWebhook(operator);
    await this.openRule(operator, endpointId);
  }

  /** Publishes the next item. */
  publish(now: Date): void {
    this.wire.publish(now);
  }

  async close(): Promise<void> {
    this.disallow?.();
    await this.wire.close();
  }

  private async openFeed(): Promise<void> {
    const feeds = this.get(FeedsService);
    const known = (await feeds.list()).items.find(({ name }) => name === FEED);
    // Its port, and so its URL, is another one at each start. All of its items alert.
    if (known) await feeds.change(known.id, { url: this.wire.feedUrl, alertOnFirst: ALERT_ON_FIRST });
    else
      await feeds.create({
        name: FEED,
        kind: 'rss',
        url: this.wire.feedUrl,
        cadenceMs: CADENCE_MS,
        emptyLimit: 0,
        alertOnFirst: ALERT_ON_FIRST,
        isDemo: true,
      });
  }

  private async openWebhook(operator: Principal): Promise<string> {
    const webhooks = this.get(WebhooksService);
    const known = (
      await webhooks.list(operator, { userId: operator.userId, sort: 'createdAt', limit: 100 })
    ).items.find(({ description }) => description === RECEIVER);
    if (known === undefined) {
      const { id, secret } = await webhooks.create(operator, {
        url: this.wire.hookUrl,
        description: RECEIVER,
        format: 'generic',
        desk: false,
        operator: true,
        minSeverity: null,
        ratePerSecond: null,
      });
      this.wire.expect(secret);
      return id;
    }
    this.wire.expect((await webhooks.rotateSecret(operator, known.id)).secret);
    await webhooks.change(operator, known.id, { url: this.wire.hookUrl, enabled: true });
    return known.id;
  }

  private async openRule(operator: Principal, endpointId: string): Promise<void> {
    const rules = this.get(AlertRulesService);
    const { items } = await rules.list(operator, { userId: operator.userId, sort: 'createdAt', limit: 100 });
    if (items.some(({ name }) => name === RULE)) return;
    await rules.create(operator, {
      name: RULE,
      scope: 'mine',
      enabled: true,
      severity: 'warning',
      condition: {
        all: [
          { op: 'equals', field: 'type', value: 'NewsPublished' },
          { op: 'contains', field: 'payload.title', value: 'halted' },
        ],
      },
      channels: [endpointId],
      quietHours: null,
      dedupe: null,
      message: { title: '{payload.title}', body: '{payload.summary}' },
    });
  }

  private get<T>(service: abstract new (...args: never[]) => T): T {
    return this.context.get<T>(service as never, { strict: false });
  }
}
