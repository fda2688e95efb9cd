import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, ensureMonthlyPartitions, Startup, Transactions } from '#database';

const EVERY_MS = 6 * 3_600_000;
const AGAIN_MS = 60_000;

/** Keeps the months of portfolio_history ahead of time: the one before, this one and the next three. */
@Injectable()
export class PortfolioPartitions implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(PortfolioPartitions.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private tending: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly startup: Startup,
  ) {}

  onModuleInit(): void {
    // A start that failed for good is told by whoever runs it.
    void this.startup.whenReady().then(
      () => this.begin(),
      () => undefined,
    );
  }

  /** Before the pools are closed, and not under work that is on its way. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.tending;
  }

  /** @returns the partitions made, mostly none */
  ensure(now: Date): Promise<string[]> {
    return ensureMonthlyPartitions(
      this.database,
      this.transactions,
      { table: 'portfolio_history', column: 'as_of', key: 'timestamptz' },
      now,
    );
  }

  private begin(): void {
    this.tending = this.tend();
  }

  private async tend(): Promise<void> {
    let next = EVERY_MS;
    try {
      const made = this.database.readOnly || this.stopped ? [] : await this.ensure(new Date());
      if (made.length > 0) this.logger.log({ msg: 'months of portfolio_history made', partitions: made });
    } catch (error) {
      // No harm yet: three months are ahead, and after them the default partition takes the rows until they are moved.
      next = AGAIN_MS;
      this.logger.warn({
        msg: 'months of portfolio_history could not be made; trying again',
        nextMs: next,
        err: error,
      });
    }
    if (!this.stopped) this.timer = setTimeout(() => this.begin(), next).unref();
  }
}
