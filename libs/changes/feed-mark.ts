import type { Change, SeenUpTo } from './change-feed.repository.js';
import { partsOf } from './snapshot-id.js';

/** A place in the change feed. Transaction ids and positions are below 2^53. */
export interface FeedMark {
  /** Highest transaction id of the changes up to here. */
  readonly xid: number;
  /** Highest position of the changes up to here. A crashed server reuses transaction ids, but never positions. */
  readonly position: number;
}

/** One reading of the feed by this process. Every query that begins later sees at least what it saw. */
export interface FeedReading {
  /** Readings of the process are numbered from 1. */
  readonly number: number;
  /** When it began, before its snapshot was taken, in ms. */
  readonly beganAt: number;
  /** All transactions below this id had ended, so it saw all their changes. */
  readonly xmin: number;
  /** It saw no transaction from this id on. */
  readonly xmax: number;
  /** Highest position that it saw. */
  readonly position: number;
  /** Names the database among all that may share a Redis. */
  readonly database: string;
}

export function readingOf({ id, position }: SeenUpTo, rest: Pick<FeedReading, 'number' | 'beganAt'>): FeedReading {
  const { database, snapshot } = partsOf(id);
  const [xmin, xmax] = snapshot.split(':').map(Number) as [number, number];
  return { xmin, xmax, position, database, ...rest };
}

/** The mark of everything that a reading saw. */
export function endOf({ xmax, position }: FeedReading): FeedMark {
  return { xid: xmax - 1, position };
}

/** The mark of these changes. */
export function markOf(changes: readonly Change[]): FeedMark {
  const highest = (values: string[]) => values.reduce((max, value) => Math.max(max, Number(value)), 0);
  return {
    xid: highest(changes.map(({ xid }) => xid)),
    position: highest(changes.map(({ position }) => position)),
  };
}
