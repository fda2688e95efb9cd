import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { withCorrelation } from '#telemetry';
import { Clock } from '#time';
import { type CycleResult, FeedCycle } from '../cycles/feed-cycle.js';
import { FeedLeasesRepository, type LeasedSource } from '../sources/feed-leases.repository.js';
import { sourceBusy } from '../feeds.errors.js';
import type { RecordedPoll } from './recorded-polls.js';

/** The result of a recorded poll. */
export interface ReplayedPoll extends CycleResult {
  poll: string;
  pages: number;
  ms: number;
}

const LEASE_MS = 120_000;

/** Processes recorded polls one after the other, as if the source had just given these answers. */
@Injectable()
export class FeedReplay {
  constructor(
    private readonly cycle: FeedCycle,
    private readonly leases: FeedLeasesRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError FEEDS_BUSY while the source is being polled */
  async replay(sourceId: string, poll: RecordedPoll): Promise<ReplayedPoll> {
    return withCorrelation(undefined, async () => {
      const source = await this.leased(sourceId);
      const from = performance.now();
      const pages = poll.pages.map((body) => ({ body, status: 200, truncated: false, etag: null, lastModified: null }));
      const result = await this.cycle.replay(source, pages, this.clock.now());
      return { ...result, poll: poll.name, pages: pages.length, ms: Math.round(performance.now() - from) };
    });
  }

  private async leased(sourceId: string): Promise<LeasedSource> {
    const source = await this.leases.leaseOne(sourceId, randomUUID(), LEASE_MS);
    if (source === undefined) throw sourceBusy();
    return source;
  }
}
