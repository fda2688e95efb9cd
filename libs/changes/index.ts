export { Changes } from './changes.js';
export { changesConfig } from './changes.config.js';
export { ChangesModule } from './changes.module.js';
export { BEGIN_EPOCH_SQL, RENEW_EPOCH_SQL, type SnapshotStamp } from './change-feed.repository.js';
export { appendSql, appendTogetherSql, type Topic } from './topics.js';
export { endOf, type FeedMark, type FeedReading } from './feed-mark.js';
