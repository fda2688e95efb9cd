export { FeedCycleEntity } from './cycles/feed-cycle.entity.js';
export { FeedSeenItemEntity } from './cycles/feed-seen-item.entity.js';
export { FeedSourceEntity } from './sources/feed-source.entity.js';
