import { Injectable, Logger } from '@nestjs/common';
import { Background } from '#background';
import { Database, MonthlyPartitions, Transactions } from '#database';

const MONTHS = { table: 'trading_events', column: 'id', key: 'uuid' } as const;

/** Creates the monthly partitions of trading_events ahead of time: the previous month, the current one and the next three. */
@Injectable()
export class EventPartitions {
  private readonly logger = new Logger(EventPartitions.name);
  private readonly months: MonthlyPartitions;

  constructor(database: Database, transactions: Transactions) {
    this.months = new MonthlyPartitions(database, transactions, MONTHS);
  }

  /** A failure has no effect for three months. After that the default partition takes the rows. */
  @Background({
    name: 'events-partitions',
    every: 6 * 3_600_000,
    retry: 60_000,
    atStart: true,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  async keepAhead(): Promise<void> {
    const made = await this.ensure(new Date());
    if (made.length > 0) this.logger.log({ msg: 'made partitions of trading_events', partitions: made });
  }

  /** @returns the names of the created partitions */
  ensure(now: Date): Promise<string[]> {
    return this.months.ensure(now);
  }

  /** Removes months that ended that long ago, up to `limit` rows of the default partition. @returns the number of rows */
  removeOlder(ms: number, limit: number): Promise<number> {
    return this.months.removeOlder(new Date(Date.now() - ms), limit);
  }
}
