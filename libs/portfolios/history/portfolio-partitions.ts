import { Injectable, Logger } from '@nestjs/common';
import { Background } from '#background';
import { Database, MonthlyPartitions, Transactions } from '#database';

const MONTHS = { table: 'portfolio_history', column: 'as_of', key: 'timestamptz' } as const;

/** Keeps the monthly partitions of portfolio_history ahead of time: the month before, this one and the next three. */
@Injectable()
export class PortfolioPartitions {
  private readonly logger = new Logger(PortfolioPartitions.name);
  private readonly months: MonthlyPartitions;

  constructor(database: Database, transactions: Transactions) {
    this.months = new MonthlyPartitions(database, transactions, MONTHS);
  }

  /** A failure does no harm yet: three months are ahead, and after them the default partition takes the rows. */
  @Background({
    name: 'portfolios-partitions',
    every: 6 * 3_600_000,
    retry: 60_000,
    atStart: true,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  async keepAhead(): Promise<void> {
    const made = await this.ensure(new Date());
    if (made.length > 0) this.logger.log({ msg: 'made partitions of portfolio_history', partitions: made });
  }

  /** @returns the partitions made, mostly none */
  ensure(now: Date): Promise<string[]> {
    return this.months.ensure(now);
  }

  /** Removes months that ended that long ago, up to `limit` rows of the default partition. @returns the number of rows */
  removeOlder(ms: number, limit: number): Promise<number> {
    return this.months.removeOlder(new Date(Date.now() - ms), limit);
  }
}
