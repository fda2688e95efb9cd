import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { Background, BackgroundTasks } from '#background';
import { Startup, Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { ChangeFeedRepository, type FeedNews, type SeenUpTo, type SnapshotStamp } from './change-feed.repository.js';
import { ChangeListener } from './change-listener.js';
import { endOf, type FeedMark, type FeedReading, markOf, readingOf } from './feed-mark.js';
import type { Topic } from './topics.js';
import { changesConfig, type ChangesConfig } from './changes.config.js';

/** At most one NOTIFY per 20 ms, outside of the writers' transactions: NOTIFY takes a database-wide lock at commit. */
const NOTIFY_EVERY_MS = 20;

/**
 * Gets the keys that changed, or null if anything may have changed because the feed was purged past the reader.
 * `mark`: a reading beyond it includes these changes.
 */
type Subscriber = (keys: string[] | null, mark: FeedMark) => void;

/**
 * The change feed: every write that a screen shows appends to it in the same transaction. The table is the truth; NOTIFY only
 * hints that there may be something to read.
 */
@Injectable()
export class Changes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Changes');
  /** Names this process in its NOTIFYs: it woke its own readers at the commit, and a second wake would cost them a reading. */
  private readonly sender = randomUUID();
  private readonly hints = new Set<() => void>();
  private readonly subscribers = new Map<Topic, Set<Subscriber>>();
  private notifying: NodeJS.Timeout | undefined;
  private last: SeenUpTo | undefined;
  private stopped = false;
  /** The last reading of the feed by this process. All its changes have been passed on. Undefined before the first. */
  lastReading: FeedReading | undefined;
  /** Number of readings that this process has begun. */
  readingsBegun = 0;

  constructor(
    private readonly feed: ChangeFeedRepository,
    private readonly listener: ChangeListener,
    private readonly transactions: Transactions,
    private readonly startup: Startup,
    private readonly tasks: BackgroundTasks,
    @Inject(changesConfig.token) private readonly config: ChangesConfig,
  ) {}

  /** Appends to the feed in the open transaction, or in a statement of its own, and hints after the commit. */
  async append(topic: Topic, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.feed.append(topic, keys);
    this.hint();
  }

  /** After the commit, wakes the readers of this process at once and of other processes by NOTIFY. For writes that use appendSql(). */
  hint(): void {
    this.transactions.afterCommit(() => {
      this.wake();
      this.notifying ??= setTimeout(() => {
        this.notifying = undefined;
        if (this.stopped) return;
        withCorrelation(undefined, () => this.feed.notify(this.sender)).catch((error: unknown) =>
          this.logger.warn({ msg: 'NOTIFY failed; readers poll', err: error }),
        );
      }, NOTIFY_EVERY_MS).unref();
    });
  }

  /** Returns the stamp of the open snapshot. Call inside @ReadSnapshot(). */
  current(): Promise<SnapshotStamp> {
    return this.feed.current();
  }

  /**
   * Returns the changes since the stamp, or null if some were purged or the database is another one (reload everything), with the
   * stamp of the open snapshot. Call inside @ReadSnapshot().
   */
  since(seen: SeenUpTo): Promise<FeedNews> {
    return this.feed.since(seen);
  }

  /** Calls back whenever there may be changes to read. @returns unsubscribe */
  onHint(callback: () => void): () => void {
    this.hints.add(callback);
    return () => this.hints.delete(callback);
  }

  /** Calls back with the changed keys of a topic, each commit on any node once, within `pollMs` even if hints are lost. @returns unsubscribe */
  onChange(topic: Topic, callback: Subscriber): () => void {
    const set = this.subscribers.get(topic) ?? new Set();
    this.subscribers.set(topic, set.add(callback));
    return () => set.delete(callback);
  }

  onApplicationBootstrap(): void {
    this.onHint(() => {
      if (this.subscribers.size > 0) this.tasks.wake('changes-read');
    });
    void this.startup.whenReady().then(
      () =>
        this.stopped ? undefined : this.listener.start((sender) => (sender === this.sender ? undefined : this.wake())),
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.notifying);
    await this.listener.stop();
  }

  /** Runs in a context of its own. Otherwise a reader's connection would count as the second one of the request that committed. */
  private wake(): void {
    withCorrelation(undefined, () => {
      for (const callback of this.hints) callback();
    });
  }

  /** Reads the changes since the last snapshot and calls their subscribers. */
  @Background({
    name: 'changes-read',
    every: ({ config }: Changes) => config.pollMs,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async read(): Promise<void> {
    if (this.subscribers.size === 0) return;
    const from = this.last;
    const number = ++this.readingsBegun;
    const beganAt = Date.now();
    const { changes, stamp } = await this.transactions.readSnapshot(async () =>
      from === undefined ? { changes: null, stamp: await this.feed.current() } : this.feed.since(from),
    );
    this.last = stamp;
    const reading = readingOf(stamp, { number, beganAt });
    for (const [topic, callbacks] of this.subscribers) {
      const ofTopic = changes?.filter((change) => change.topic === topic);
      if (ofTopic?.length === 0) continue;
      const mark = ofTopic === undefined ? endOf(reading) : markOf(ofTopic);
      for (const callback of callbacks) this.notify(callback, ofTopic?.map(({ key }) => key) ?? null, mark);
    }
    this.lastReading = reading;
  }

  /** Logs the error of a subscriber that throws, so that the others are still called. */
  private notify(callback: Subscriber, keys: string[] | null, mark: FeedMark): void {
    try {
      callback(keys, mark);
    } catch (error) {
      this.logger.error({ msg: 'a subscriber of the change feed failed', err: error });
    }
  }
}
