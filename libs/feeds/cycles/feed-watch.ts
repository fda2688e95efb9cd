import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Changes } from '#changes';
import { Database, Startup, Transactions } from '#database';
import { DeskRole } from '#background';
import { JobTasks } from '#jobs';
import { HealthRegistry, withCorrelation } from '#telemetry';
import { Clock } from '#time';
import { FeedCyclesRepository } from './feed-cycles.repository.js';
import { FeedNews } from './feed-news.js';
import { FeedSourcesRepository, type SourceRow } from '../sources/feed-sources.repository.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { openMsBetween } from '../market/market-calendar.js';
import { SeenItemsRepository } from './seen-items.repository.js';

const STATES = ['live', 'quiet', 'stale', 'failing'] as const;

/**
 * Notices what no cycle can: that there are none. Looks at all sources on the clock, and first of all at a start, so that a
 * desk whose processes die in their cycles says so all the same.
 */
@Injectable()
export class FeedWatch implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(FeedWatch.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private counts: Record<(typeof STATES)[number], number> = { live: 0, quiet: 0, stale: 0, failing: 0 };
  private watched = new Set<string>();

  constructor(
    private readonly sources: FeedSourcesRepository,
    private readonly seen: SeenItemsRepository,
    private readonly cycles: FeedCyclesRepository,
    private readonly news: FeedNews,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly startup: Startup,
    private readonly role: DeskRole,
    private readonly tasks: JobTasks,
    private readonly health: HealthRegistry,
    private readonly clock: Clock,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_sources') private readonly bySource: Gauge<'state'>,
    @InjectMetric('feeds_consecutive_empty') private readonly empty: Gauge<'source'>,
    @InjectMetric('feeds_empty_limit') private readonly emptyLimit: Gauge,
    @InjectMetric('feeds_consecutive_failures') private readonly failures: Gauge<'source'>,
    @InjectMetric('feeds_overdue_ratio') private readonly overdue: Gauge<'source'>,
    @InjectMetric('feeds_last_cycle_age_seconds') private readonly oldest: Gauge,
  ) {}

  onModuleInit(): void {
    this.tasks.cron('feeds.forget', '17 * * * *', () => this.forget());
    this.health.register({
      name: 'feeds',
      check: () => ({ status: this.counts.stale + this.counts.failing > 0 ? 'degraded' : 'up', ...this.counts }),
    });
    void this.startup.whenReady().then(
      () => this.begin(),
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks at every source at that moment; changed states are written and told, in a process that may. */
  async look(now: Date): Promise<void> {
    const all = await this.sources.all();
    const writes = this.role.worker && !this.database.readOnly;
    for (const source of all.filter(({ enabled }) => enabled)) {
      if (writes && this.isNews(source, now)) await this.transactions.atomic(() => this.settle(source.id, now));
    }
    this.publish(all, now);
  }

  /** Old claims and cycles, in pieces: each statement is short. */
  async forget(): Promise<void> {
    while ((await this.seen.forget(this.config.claimRetentionDays)) > 0);
    while ((await this.cycles.forget(this.config.cycleRetentionDays)) > 0);
  }

  private isNews(source: SourceRow, now: Date): boolean {
    const news = this.news.of(source, now.getTime());
    return news.state !== source.state || news.began.length + news.recovered.length > 0;
  }

  /** On the locked row: two watchers, or a cycle's end, tell it once. */
  private async settle(id: string, now: Date): Promise<void> {
    const source = await this.sources.lock(id);
    if (source === undefined || !source.enabled || !this.isNews(source, now)) return;
    const news = this.news.of(source, now.getTime());
    await this.sources.writeState(id, news.state, news.raised);
    await this.news.tell(source, news, { ...source, error: source.lastError }, now);
    await this.changes.append('feeds', [id]);
    this.logger.log({
      msg: 'feed changed its state',
      source: source.name,
      from: source.state,
      to: news.state,
      began: news.began,
    });
  }

  private publish(all: readonly SourceRow[], now: Date): void {
    const enabled = all.filter((source) => source.enabled).slice(0, this.config.sourcesMax);
    const states = enabled.map((source) => this.news.stateNow(source, now.getTime()));
    for (const state of STATES) {
      this.counts[state] = states.filter((one) => one === state).length;
      this.bySource.set({ state }, this.counts[state]);
    }
    this.emptyLimit.set(this.config.consecutiveEmptyCycles);
    let oldest = 0;
    for (const source of enabled) {
      const silent = openMsBetween(source.venue, (source.lastSuccessAt ?? source.createdAt).getTime(), now.getTime());
      oldest = Math.max(oldest, silent);
      this.empty.set({ source: source.name }, this.emptyInTermsOfTheDesk(source));
      this.failures.set({ source: source.name }, Math.max(source.consecutiveFailures, source.unfinished - 1));
      this.overdue.set({ source: source.name }, silent / source.cadenceMs);
    }
    this.oldest.set(oldest / 1_000);
    const names = new Set(enabled.map(({ name }) => name));
    for (const name of this.watched)
      if (!names.has(name))
        for (const gauge of [this.empty, this.failures, this.overdue]) gauge.remove({ source: name });
    this.watched = names;
  }

  /** A source with a limit of its own reaches the desk's when it reaches its own: one rule of Prometheus judges them all. */
  private emptyInTermsOfTheDesk({ consecutiveEmpty, emptyLimit }: SourceRow): number {
    if (emptyLimit === null) return consecutiveEmpty;
    return emptyLimit === 0 ? 0 : (consecutiveEmpty / emptyLimit) * this.config.consecutiveEmptyCycles;
  }

  private begin(): void {
    if (this.stopped) return;
    this.running = withCorrelation(undefined, () => this.look(this.clock.now()))
      .catch((error: unknown) => this.logger.warn({ msg: 'feeds could not be looked at; trying again', err: error }))
      .finally(() => {
        if (!this.stopped) this.timer = setTimeout(() => this.begin(), this.config.watchMs).unref();
      });
  }
}
