import { Injectable, Logger } from '@nestjs/common';
import { Background } from '#background';
import { Database, MonthlyPartitions, Transactions } from '#database';

/** Creates the monthly partitions of trading_events ahead of time: the previous month, the current one and the next three. */
@Injectable()
export class EventPartitions extends MonthlyPartitions {
  private readonly logger = new Logger(EventPartitions.name);

  constructor(database: Database, transactions: Transactions) {
    super(database, transactions, { table: 'trading_events', column: 'id', key: 'uuid' });
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
}
