/** The topics of the change feed. A reader subscribes to a topic; a row's key names what changed within it. */
export const TOPICS = [
  'adjustments',
  'alerts',
  'deliveries',
  'events',
  'feeds',
  'filings',
  'instruments',
  'moment',
  'portfolios',
  'quote-marks',
  'quotes',
  'rates',
  'sessions',
  'users',
  'venues',
  'watchlist',
  'webhooks',
] as const;

export type Topic = (typeof TOPICS)[number];

/**
 * The head of a data-modifying CTE that appends to the change feed: continue it with `FROM ..`.
 * @param key SQL expression of the key, as text
 * @param distinct when several rows may have the same key
 */
export function appendSql(topic: Topic, key: string, { distinct = false } = {}): string {
  return `INSERT INTO change_feed (topic, key) SELECT ${distinct ? 'DISTINCT ' : ''}'${topic}', ${key}`;
}

/**
 * As appendSql(), with one row of the change feed for all rows of `from`. Readers get each key by itself.
 * @param from SQL of a FROM clause without the word; appends nothing if it has no rows
 */
export function appendTogetherSql(topic: Topic, key: string, from: string): string {
  return `INSERT INTO change_feed (topic, keys) SELECT '${topic}', array_agg(DISTINCT ${key}) FROM ${from} HAVING count(*) > 0`;
}
