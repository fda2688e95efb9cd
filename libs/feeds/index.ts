export type { CycleResult } from './feed-cycle.js';
export { FeedCycleEntity } from './feed-cycle.entity.js';
export {
  FeedFailing,
  FeedRecovered,
  FeedWentEmpty,
  FeedWentStale,
  FilingAmended,
  FilingPublished,
  NewsPublished,
  NewsRevised,
  TradingHalted,
  TradingHaltRevised,
} from './feed-events.js';
export { FeedPoller, type PolledSource } from './feed-poller.js';
export { FeedReplay, type ReplayedPoll } from './feed-replay.js';
export { FeedSeenItemEntity } from './feed-seen-item.entity.js';
export type { CycleOutcome, FeedKind, ItemWarning, NewFeedSource } from './feed-source.js';
export { FeedSourceEntity } from './feed-source.entity.js';
export { type FeedOverview, FeedSourcesRepository } from './feed-sources.repository.js';
export type { Condition, FeedState } from './feed-state.js';
export { FeedWatch } from './feed-watch.js';
export { FeedsClock } from './feeds-clock.js';
export { feedsConfig, type FeedsConfig } from './feeds.config.js';
export { FeedsModule } from './feeds.module.js';
export { FeedsService } from './feeds.service.js';
export { kindOf, type RecordedPoll, recordedPolls } from './recorded-polls.js';
