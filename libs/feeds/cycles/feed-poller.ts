import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { JobTasks } from '#jobs';
import { withCorrelation } from '#telemetry';
import { CyclePrices } from './cycle-prices.js';
import { type CycleResult, FeedCycle } from './feed-cycle.js';
import { FeedReader } from './feed-reader.js';
import { FeedLeasesRepository, type LeasedSource } from '../sources/feed-leases.repository.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

/** The job that wakes the poller. */
export const FEEDS_WAKE = 'feeds.wake';

/** A source polled in the current pass. */
export interface PolledSource {
  source: LeasedSource;
  result: CycleResult;
}

/**
 * Polls all due sources concurrently. One process leases a source for one poll, so no source is polled twice at once. A slow source
 * does not delay others: the next pass polls the other due ones.
 */
@Injectable()
export class FeedPoller implements OnModuleInit, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly visits = new Set<Promise<unknown>>();

  constructor(
    private readonly cycle: FeedCycle,
    private readonly reader: FeedReader,
    private readonly leases: FeedLeasesRepository,
    private readonly tasks: BackgroundTasks,
    private readonly jobs: JobTasks,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_cycle_prices') private readonly held: Gauge,
  ) {}

  onModuleInit(): void {
    this.jobs.task(FEEDS_WAKE, () => Promise.resolve(this.tasks.wake('feeds-poll')));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('the process is stopping'));
    await Promise.all(this.visits);
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
    const room = this.config.concurrency - this.visits.size;
    const due =
      room <= 0
        ? []
        : await withCorrelation(undefined, () => this.leases.lease(randomUUID(), room, this.reader.leaseMs));
    const prices = new CyclePrices((by) => this.held.inc(by));
    const visits = due.map((source) => this.visit(source, prices));
    for (const visit of visits) {
      this.visits.add(visit);
      void visit.finally(() => this.visits.delete(visit));
    }
    leased();
    return Promise.all(visits).finally(() => prices.clear());
  }

  private async visit(source: LeasedSource, prices: CyclePrices): Promise<PolledSource> {
    // Each poll has its own context, with one correlation id and one connection.
    return withCorrelation(undefined, async () => ({
      source,
      result: await this.cycle.run(source, prices, this.stopping.signal),
    }));
  }
}
