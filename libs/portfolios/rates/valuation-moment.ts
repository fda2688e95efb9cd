import { Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Changes } from '#changes';
import { Clock } from '#time';
import { ValuationMomentsRepository } from './valuation-moments.repository.js';

const MINUTE_MS = 60_000;

/** Moves the desk's moment forward each minute. Days, rolls and ages of prices then depend on the database alone. */
@Injectable()
export class ValuationMoment {
  constructor(
    private readonly moments: ValuationMomentsRepository,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  @Background({ name: 'portfolios-moment', every: MINUTE_MS, atStart: true, role: 'worker', whenReadOnly: 'pause' })
  async advance(): Promise<void> {
    const now = this.clock.now().getTime();
    if (await this.moments.advance(new Date(now - (now % MINUTE_MS)))) this.changes.hint();
  }
}
