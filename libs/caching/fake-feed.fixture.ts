import type { FeedReading } from '#changes';

/** The change feed as one process has read it, moved by a test. */
export class FakeFeed {
  lastReading: FeedReading | undefined;
  readingsBegun = 0;

  constructor(private readonly database = 'spec') {}

  /** Reads once: all transactions below `xmin` had ended, none from `xmax` on had begun. */
  read(xmin: number, { xmax = xmin, position = xmin, beganAt = Date.now() } = {}): this {
    const number = ++this.readingsBegun;
    this.lastReading = { number, beganAt, xmin, xmax, position, database: this.database };
    return this;
  }
}
