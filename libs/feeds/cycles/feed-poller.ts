import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Database, Startup } from '#database';
import { DeskRole } from '#background';
import { JobTasks } from '#jobs';
import { withCorrelation } from '#telemetry';
import { CyclePrices } from './cycle-prices.js';
import { type CycleResult, FeedCycle } from './feed-cycle.js';
import { FeedReader } from './feed-reader.js';
import { FeedSourcesRepository, type LeasedSource } from '../sources/feed-sources.repository.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

/** The job that says "look now". */
export const FEEDS_WAKE = 'feeds.wake';

/** One visit of a look. */
export interface PolledSource {
  source: LeasedSource;
  result: CycleResult;
}

/**
 * Looks for due sources and visits them, all at once. A source is leased by one process for one visit, so nothing is
 * visited twice at the same time, and a slow source holds up nobody: the next look takes what is due beside it.
 */
@Injectable()
export class FeedPoller implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(FeedPoller.name);
  private readonly stopping = new AbortController();
  private readonly visits = new Set<Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly cycle: FeedCycle,
    private readonly reader: FeedReader,
    private readonly sources: FeedSourcesRepository,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly role: DeskRole,
    private readonly tasks: JobTasks,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_cycle_prices') private readonly held: Gauge,
  ) {}

  onModuleInit(): void {
    this.tasks.task(FEEDS_WAKE, () => Promise.resolve(this.wake()));
    void this.startup.whenReady().then(
      () => this.begin(),
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('the process is stopping'));
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.visits);
  }

  /** Looks now, in a process that polls. */
  wake(): void {
    if (!this.polls || this.stopping.signal.aborted) return;
    clearTimeout(this.timer);
    if (this.looking === undefined) this.begin();
    else this.again = true;
  }

  /**
   * Leases what is due, at most as many as there is room for, and visits all of it. Ends when the last visit has.
   * @param leased called when the visits have begun
   */
  async runDue(leased: () => void = () => undefined): Promise<PolledSource[]> {
    const room = this.config.concurrency - this.visits.size;
    const due =
      room <= 0
        ? []
        : await withCorrelation(undefined, () => this.sources.lease(randomUUID(), room, this.reader.leaseMs));
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
    // Each in a context of its own: one correlation id and one connection a visit.
    return withCorrelation(undefined, async () => ({
      source,
      result: await this.cycle.run(source, prices, this.stopping.signal),
    }));
  }

  private get polls(): boolean {
    return this.role.worker && !this.database.readOnly;
  }

  private begin(): void {
    if (!this.polls || this.stopping.signal.aborted) return;
    this.looking = this.look().finally(() => {
      this.looking = undefined;
      if (this.stopping.signal.aborted) return;
      const soon = this.again ? 0 : this.config.pollMs;
      this.again = false;
      this.timer = setTimeout(() => this.begin(), soon).unref();
    });
  }

  /** Waits for the lease only: visits go on beside the next look. */
  private async look(): Promise<void> {
    const leased = Promise.withResolvers<void>();
    this.runDue(() => leased.resolve()).catch((error: unknown) => {
      this.logger.warn({ msg: 'due feeds could not be looked for; trying again', err: error });
      leased.resolve();
    });
    await leased.promise;
  }
}
