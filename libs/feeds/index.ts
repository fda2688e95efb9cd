export type { CycleResult } from './cycles/feed-cycle.js';
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
export { FeedPoller, type PolledSource } from './cycles/feed-poller.js';
export { FeedReplay, type ReplayedPoll } from './replay/feed-replay.js';
export type { CycleOutcome, FeedKind, ItemWarning, NewFeedSource } from './sources/feed-source.js';
export { type FeedOverview, FeedSourcesRepository } from './sources/feed-sources.repository.js';
export type { Condition, FeedState } from './sources/feed-state.js';
export { FeedWatch } from './cycles/feed-watch.js';
export { FeedsClock } from './feeds-clock.js';
export { feedsConfig, type FeedsConfig } from './feeds.config.js';
export { FeedsModule } from './feeds.module.js';
export { FeedsService } from './feeds.service.js';
export { kindOf, type RecordedPoll, recordedPolls } from './replay/recorded-polls.js';
