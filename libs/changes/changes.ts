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
import { type Change, ChangeFeedRepository, type SeenUpTo, type SnapshotStamp } from './change-feed.repository.js';
import { ChangeListener } from './change-listener.js';
import type { Topic } from './topics.js';
import { changesConfig, type ChangesConfig } from './changes.config.js';

/** One NOTIFY in 20 ms however many commit: NOTIFY takes a database-wide lock at commit, so it is no part of the writers' transactions. */
const NOTIFY_EVERY_MS = 20;

/** Keys that changed; null when the feed was purged past the reader: anything may have changed. */
type Subscriber = (keys: string[] | null) => void;

/**
 * The change feed: every write that a screen shows appends to it in the same transaction. The table is the truth;
 * NOTIFY is a hint that reading is worth while.
 */
@Injectable()
export class Changes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Changes');
  private readonly hints = new Set<() => void>();
  private readonly subscribers = new Map<Topic, Set<Subscriber>>();
  private notifying: NodeJS.Timeout | undefined;
  private last: SeenUpTo | undefined;
  private stopped = false;

  constructor(
    private readonly feed: ChangeFeedRepository,
    private readonly listener: ChangeListener,
    private readonly transactions: Transactions,
    private readonly startup: Startup,
    private readonly tasks: BackgroundTasks,
    @Inject(changesConfig.token) private readonly config: ChangesConfig,
  ) {}

  /** Appends to the feed in the open transaction (or as a statement of its own) and hints after its commit. */
  async append(topic: Topic, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.feed.append(topic, keys);
    this.hint();
  }

  /** After the commit: wakes this process's readers now and the others' by NOTIFY. For writes that append in their own statement. */
  hint(): void {
    this.transactions.afterCommit(() => {
      this.wake();
      this.notifying ??= setTimeout(() => {
        this.notifying = undefined;
        if (this.stopped) return;
        withCorrelation(undefined, () => this.feed.notify()).catch((error: unknown) =>
          this.logger.warn({ msg: 'NOTIFY failed; readers poll', err: error }),
        );
      }, NOTIFY_EVERY_MS).unref();
    });
  }

  /** The stamp of the open snapshot. Call inside @ReadSnapshot(). */
  current(): Promise<SnapshotStamp> {
    return this.feed.current();
  }

  /** What the open snapshot sees and the one of that stamp did not, in no order that matters; null if that was purged (reload everything). */
  since(seen: SeenUpTo): Promise<Change[] | null> {
    return this.feed.since(seen);
  }

  /** Calls back whenever reading may be worth while. @returns unsubscribe */
  onHint(callback: () => void): () => void {
    this.hints.add(callback);
    return () => this.hints.delete(callback);
  }

  /** Calls back with the keys of a topic that changed on any node, each commit once, within CHANGES_POLL_MS even if hints are lost. @returns unsubscribe */
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
      () => (this.stopped ? undefined : this.listener.start(() => this.wake())),
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.notifying);
    await this.listener.stop();
  }

  /** In a context of its own: called after a request's commit, a reader's connection would count as that request's second one. */
  private wake(): void {
    withCorrelation(undefined, () => {
      for (const callback of this.hints) callback();
    });
  }

  /** Reads on from the last snapshot and calls the subscribers of what changed. */
  @Background({
    name: 'changes-read',
    every: ({ config }: Changes) => config.pollMs,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async read(): Promise<void> {
    if (this.subscribers.size === 0) return;
    const from = this.last;
    const { changes, upTo } = await this.transactions.readSnapshot(async () => ({
      changes: from === undefined ? null : await this.feed.since(from),
      upTo: await this.feed.current(),
    }));
    this.last = upTo;
    for (const [topic, callbacks] of this.subscribers) {
      const keys = changes?.filter((change) => change.topic === topic).map((change) => change.key) ?? null;
      if (keys?.length === 0) continue;
      for (const callback of callbacks) this.tell(callback, keys);
    }
  }

  /** A subscriber that throws keeps the change from nobody else. */
  private tell(callback: Subscriber, keys: string[] | null): void {
    try {
      callback(keys);
    } catch (error) {
      this.logger.error({ msg: 'a subscriber of the change feed failed', err: error });
    }
  }
}
