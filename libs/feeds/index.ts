export { quoteSettings } from './prices/quote-settings.dto.js';
export type { CycleResult } from './cycles/feed-cycle.js';

export type { FeedKind } from './sources/feed-source.js';
export { feedsConfig } from './feeds.config.js';
export { FeedsModule } from './feeds.module.js';
export { FeedsService } from './feeds.service.js';
export { kindOf, recordedPolls } from './replay/recorded-polls.js';
export { FeedPoller } from './cycles/feed-poller.js';
export { FeedReplay, type ReplayedPoll } from './replay/feed-replay.js';
export { FeedsPanel } from './sources/feeds.panel.js';
