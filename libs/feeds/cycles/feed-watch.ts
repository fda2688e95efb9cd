import { Inject, Injectable, Logger } from '@nestjs/common';
import { Background } from '#background';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { Clock } from '#time';
import { FeedAlerts } from './feed-alerts.js';
import { FeedSourcesRepository } from '../sources/feed-sources.repository.js';
import type { SourceRow } from '../sources/source-row.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

/**
 * Detects missing cycles. Checks all sources on a schedule, first right after the start, so that a desk whose processes die in their
 * cycles reports it, too.
 */
@Injectable()
export class FeedWatch {
  private readonly logger = new Logger(FeedWatch.name);

  constructor(
    private readonly sources: FeedSourcesRepository,
    private readonly alerts: FeedAlerts,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly clock: Clock,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
  ) {}

  /** Writes changed states and records them as events. */
  @Background({
    name: 'feeds-watch',
    every: ({ config }: FeedWatch) => config.watchMs,
    atStart: true,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  async look(): Promise<void> {
    const now = this.clock.now();
    for (const source of await this.sources.all()) {
      if (source.enabled && this.isNews(source, now)) await this.transactions.atomic(() => this.settle(source.id, now));
    }
  }

  private isNews(source: SourceRow, now: Date): boolean {
    const news = this.alerts.of(source, now.getTime());
    return news.state !== source.state || news.began.length + news.recovered.length > 0;
  }

  /** Runs on the locked row, so that two watchers, or the end of a cycle, record an event once. */
  private async settle(id: string, now: Date): Promise<void> {
    const source = await this.sources.lock(id);
    if (source === undefined || !source.enabled || !this.isNews(source, now)) return;
    const news = this.alerts.of(source, now.getTime());
    await this.sources.writeState(id, news.state, news.raised);
    await this.alerts.record(source, news, { ...source, error: source.lastError, gone: source.goneAt !== null }, now);
    await this.changes.append('feeds', [id]);
    this.logger.log({
      msg: 'feed changed its state',
      source: source.name,
      from: source.state,
      to: news.state,
      began: news.began,
    });
  }
}
