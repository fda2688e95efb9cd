import { endOf, type FeedMark, type FeedReading } from '#changes';

/** What the marks need of the change feed. */
export interface FollowedFeed {
  readonly lastReading: FeedReading | undefined;
  readonly readingsBegun: number;
}

/** Up to where a value surely includes the changes of the database: those that its process had read before it loaded. */
export type Included = Pick<FeedReading, 'xmin' | 'position'>;

interface Bound {
  mark: FeedMark;
  /** A change that this process made itself is in the first reading whose number is higher than this. */
  unread: number | undefined;
}

/** Names whose last change is remembered, per cache. */
const MAX_NAMES_HEARD = 10_000;
const NOTHING: FeedMark = { xid: 0, position: 0 };

/**
 * Tells which values of other processes are new enough. For each key and tag it keeps the last change that this process
 * heard of. Only a value that includes it is admitted. So a slow process cannot bring back an old value: it is refused by
 * every process that heard of the change, and those that have not heard of it drop the value when they do.
 */
export class FeedMarks {
  private readonly bounds = new Map<string, Bound>();
  /** Holds for all names: of the changes before the cache was opened, and of names that were forgotten. */
  private readonly floor: Bound;

  /** @param max names that are remembered. Beyond it the oldest is forgotten, and its mark holds for all. */
  constructor(
    private readonly feed: FollowedFeed,
    private readonly max = MAX_NAMES_HEARD,
  ) {
    const { lastReading, readingsBegun } = feed;
    this.floor = lastReading
      ? { mark: endOf(lastReading), unread: undefined }
      : { mark: NOTHING, unread: readingsBegun };
  }

  /** The feed reported changes of these names, or of anything. */
  heard(names: readonly string[] | null, mark: FeedMark): void {
    if (names === null) raise(this.floor, mark, undefined);
    else for (const name of names) this.raise(name, mark, undefined);
  }

  /** This process changed a name, or anything, and the feed has not reported it yet. */
  changedHere(name: string | null): void {
    const unread = this.feed.readingsBegun;
    if (name === null) raise(this.floor, NOTHING, unread);
    else this.raise(name, NOTHING, unread);
  }

  /** Whether a value with these names includes all changes of them that this process knows. */
  admits(value: Included, names: readonly string[]): boolean {
    return [this.floor, ...names.flatMap((name) => this.bounds.get(name) ?? [])].every((bound) => {
      this.settle(bound);
      // Transactions end in another order than they begin. Below xmin all have ended.
      return bound.unread === undefined && value.xmin > bound.mark.xid && value.position >= bound.mark.position;
    });
  }

  private raise(name: string, mark: FeedMark, unread: number | undefined): void {
    const bound = this.bounds.get(name) ?? { mark: NOTHING, unread: undefined };
    raise(bound, mark, unread);
    this.bounds.delete(name);
    this.bounds.set(name, bound);
    if (this.bounds.size <= this.max) return;
    const [oldest, { mark: forgotten, unread: pending }] = this.bounds.entries().next().value!;
    this.bounds.delete(oldest);
    raise(this.floor, forgotten, pending);
  }

  /** A reading that began after a change of this process includes it. */
  private settle(bound: Bound): void {
    const { lastReading } = this.feed;
    if (bound.unread === undefined || lastReading === undefined || lastReading.number <= bound.unread) return;
    bound.unread = undefined;
    raise(bound, endOf(lastReading), undefined);
  }
}

function raise(bound: Bound, mark: FeedMark, unread: number | undefined): void {
  bound.mark = {
    xid: Math.max(bound.mark.xid, mark.xid),
    position: Math.max(bound.mark.position, mark.position),
  };
  if (unread !== undefined) bound.unread = Math.max(bound.unread ?? 0, unread);
}
