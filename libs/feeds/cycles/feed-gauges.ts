import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { HealthRegistry } from '#system';
import { Clock } from '#time';
import { FeedAlerts } from './feed-alerts.js';
import { FeedSourcesRepository } from '../sources/feed-sources.repository.js';
import type { SourceRow } from '../sources/source-row.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

const STATES = ['live', 'quiet', 'stale', 'failing'] as const;

/** Shows the states of all sources in health and metrics, one series per source. */
@Injectable()
export class FeedGauges implements OnModuleInit {
  private counts: Record<(typeof STATES)[number], number> = { live: 0, quiet: 0, stale: 0, failing: 0 };
  private watched = new Set<string>();

  constructor(
    private readonly sources: FeedSourcesRepository,
    private readonly alerts: FeedAlerts,
    private readonly health: HealthRegistry,
    private readonly clock: Clock,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_sources') private readonly bySource: Gauge<'state'>,
    @InjectMetric('feeds_consecutive_empty') private readonly empty: Gauge<'source'>,
    @InjectMetric('feeds_empty_limit') private readonly emptyLimit: Gauge,
    @InjectMetric('feeds_consecutive_failures') private readonly failures: Gauge<'source'>,
    @InjectMetric('feeds_overdue_ratio') private readonly overdue: Gauge<'source'>,
    @InjectMetric('feeds_market_open') private readonly open: Gauge<'source'>,
    @InjectMetric('feeds_last_cycle_age_seconds') private readonly oldest: Gauge,
  ) {}

  onModuleInit(): void {
    this.health.register({
      name: 'feeds',
      check: () => ({ status: this.counts.stale + this.counts.failing > 0 ? 'degraded' : 'up', ...this.counts }),
    });
  }

  @Background({
    name: 'feeds-gauges',
    every: ({ config }: FeedGauges) => config.watchMs,
    atStart: true,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async publish(): Promise<void> {
    const now = this.clock.now();
    const all = await this.sources.all();
    const enabled = all.filter((source) => source.enabled).slice(0, this.config.sourcesMax);
    const states = enabled.map((source) => this.alerts.stateNow(source, now.getTime()));
    for (const state of STATES) {
      this.counts[state] = states.filter((one) => one === state).length;
      this.bySource.set({ state }, this.counts[state]);
    }
    this.emptyLimit.set(this.config.consecutiveEmptyCycles);
    let oldest = 0;
    for (const source of enabled) {
      const since = source.lastSuccessAt ?? source.createdAt;
      const hours = this.alerts.hoursOf(source);
      const silent = hours.openMsBetween(since.getTime(), now.getTime());
      oldest = Math.max(oldest, silent);
      this.empty.set({ source: source.name }, this.emptyInTermsOfTheDesk(source));
      const gone = source.goneAt === null ? 0 : this.config.failingAfter;
      this.failures.set({ source: source.name }, Math.max(source.consecutiveFailures, source.unfinished - 1, gone));
      this.open.set({ source: source.name }, Number(hours.isOpen(now.getTime())));
      this.overdue.set({ source: source.name }, silent / source.cadenceMs);
    }
    this.oldest.set(oldest / 1_000);
    const names = new Set(enabled.map(({ name }) => name));
    for (const name of this.watched)
      if (!names.has(name))
        for (const gauge of [this.empty, this.failures, this.overdue, this.open]) gauge.remove({ source: name });
    this.watched = names;
  }

  /** Scales the count of a source with its own limit to the desk's limit, so that one Prometheus rule covers all sources. */
  private emptyInTermsOfTheDesk({ consecutiveEmpty, emptyLimit }: SourceRow): number {
    if (emptyLimit === null) return consecutiveEmpty;
    return emptyLimit === 0 ? 0 : (consecutiveEmpty / emptyLimit) * this.config.consecutiveEmptyCycles;
  }
}
