import { Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { FilingsModule } from '#filings';
import { JobsModule } from '#jobs';
import { PortfoliosModule } from '#portfolios';
import { ResilienceModule } from '#resilience';
import { VenuesModule } from '#venues';
import { FeedCycle } from './cycles/feed-cycle.js';
import { FeedCyclesRepository } from './cycles/feed-cycles.repository.js';
import { FeedFetcher } from './cycles/feed-fetcher.js';
import { FeedGauges } from './cycles/feed-gauges.js';
import { FeedAlerts } from './cycles/feed-alerts.js';
import { FeedPoller } from './cycles/feed-poller.js';
import { FeedReader } from './cycles/feed-reader.js';
import { FeedRecorder } from './cycles/feed-recorder.js';
import { FeedReplay } from './replay/feed-replay.js';
import { FeedLeasesRepository } from './sources/feed-leases.repository.js';
import { FeedSourcesRepository } from './sources/feed-sources.repository.js';
import { FeedWatch } from './cycles/feed-watch.js';
import { FeedsController } from './feeds.controller.js';
import { feedsConfig, type FeedsConfig } from './feeds.config.js';
import { feedsMetrics } from './feeds.metrics.js';
import { FeedsService } from './feeds.service.js';
import { SeenItemsRepository } from './cycles/seen-items.repository.js';
import { FeedsPanel } from './sources/feeds.panel.js';

const DAY_MS = 86_400_000;

/** Polls sources of news, filings, halts and prices. */
@Module({
  imports: [
    ChangesModule,
    EgressModule,
    EventsModule,
    FilingsModule,
    JobsModule,
    PortfoliosModule,
    ResilienceModule,
    VenuesModule,
  ],
  controllers: [FeedsController],
  providers: [
    FeedsPanel,
    ...feedsMetrics,
    FeedCycle,
    FeedCyclesRepository,
    FeedFetcher,
    FeedGauges,
    FeedAlerts,
    FeedPoller,
    FeedReader,
    FeedRecorder,
    FeedReplay,
    FeedLeasesRepository,
    FeedSourcesRepository,
    FeedWatch,
    FeedsService,
    SeenItemsRepository,
  ],
  exports: [FeedPoller, FeedRecorder, FeedReplay, FeedSourcesRepository, FeedsPanel, FeedsService],
})
export class FeedsModule {
  constructor(retention: Retention, seen: SeenItemsRepository, @Inject(feedsConfig.token) config: FeedsConfig) {
    retention.keep({ table: 'feed_cycles', column: 'id', type: 'uuid', ms: config.cycleRetentionDays * DAY_MS });
    retention.keep({ table: 'feed_seen_items', remove: (limit) => seen.forget(config.claimRetentionDays, limit) });
  }
}
