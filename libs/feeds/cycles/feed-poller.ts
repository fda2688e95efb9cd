import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { JobTasks } from '#jobs';
import { QuickPlaces } from '#resilience';
import { withCorrelation } from '#telemetry';
import { CyclePrices } from './cycle-prices.js';
import { type CycleResult, FeedCycle } from './feed-cycle.js';
import { FeedReader } from './feed-reader.js';
import { type DueSource, FeedLeasesRepository, type FreePlaces } from '../sources/feed-leases.repository.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

/** The job that wakes the poller. */
export const FEEDS_WAKE = 'feeds.wake';

/** A source polled in the current pass. */
export interface PolledSource {
  source: DueSource;
  result: CycleResult;
}

/**
 * Polls all due sources concurrently. One process leases a source for one poll, so no source is polled twice at once. Slow sources
 * do not delay others: a poll that takes long gives up its place, and a source that failed last time takes none.
 */
@Injectable()
export class FeedPoller implements OnModuleInit, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly places: QuickPlaces;
  /** Whether the last pass took all free places, so that more sources may be due. */
  private more = false;

  constructor(
    private readonly cycle: FeedCycle,
    private readonly reader: FeedReader,
    private readonly leases: FeedLeasesRepository,
    private readonly tasks: BackgroundTasks,
    private readonly jobs: JobTasks,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_cycle_prices') private readonly held: Gauge,
  ) {
    this.places = new QuickPlaces({
      places: config.concurrency,
      slowAfterMs: config.slowAfterMs,
      slowMax: config.slowConcurrency,
      freed: () => this.freed(),
    });
  }

  onModuleInit(): void {
    this.jobs.task(FEEDS_WAKE, () => Promise.resolve(this.tasks.wake('feeds-poll')));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('the process is stopping'));
    // What takes longer than its lease belongs to another process.
    await this.places.finished(this.reader.leaseMs);
  }

  /** Ends when the due sources are leased. Their cycles continue during the next pass. */
  @Background({
    name: 'feeds-poll',
    every: ({ config }: FeedPoller) => config.pollMs,
    atStart: true,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  async poll(): Promise<void> {
    const leased = Promise.withResolvers<void>();
    this.runDue(() => leased.resolve()).catch((error: unknown) => leased.reject(error));
    await leased.promise;
  }

  /**
   * Leases due sources up to the number of free places and polls them. Ends with the last poll.
   * @param leased called when the polls have begun
   */
  async runDue(leased: () => void = () => undefined): Promise<PolledSource[]> {
    const free = this.free();
    const due =
      free.sound + free.doubtful === 0
        ? []
        : await withCorrelation(undefined, () => this.leases.lease(randomUUID(), free, this.reader.leaseMs));
    const doubtful = due.filter((source) => source.doubtful).length;
    this.more = due.length - doubtful >= free.sound || doubtful >= free.doubtful;
    const prices = new CyclePrices((by) => this.held.inc(by));
    const visits = due.map((source) => this.visit(source, prices));
    leased();
    return Promise.all(visits).finally(() => prices.clear());
  }

  private free(): FreePlaces {
    const { concurrency, slowConcurrency } = this.config;
    const left = Math.max(0, concurrency + slowConcurrency - this.places.total);
    return { sound: Math.min(this.places.room, left), doubtful: this.places.slowRoom };
  }

  /** A pass begins at once if sources may wait for the place. */
  private freed(): void {
    if (!this.more || this.stopping.signal.aborted) return;
    this.more = false;
    this.tasks.wake('feeds-poll');
  }

  private async visit(source: DueSource, prices: CyclePrices): Promise<PolledSource> {
    const end = this.places.begin(source.id, source.doubtful);
    try {
      // Each poll has its own context, with one correlation id and one connection.
      const result = await withCorrelation(undefined, () => this.cycle.run(source, prices, this.stopping.signal));
      return { source, result };
    } finally {
      end();
    }
  }
}
