import { Inject, Injectable } from '@nestjs/common';
import { EventLog, type RecordedEvent } from '#events';
import { type VenueHours, Venues } from '#venues';
import { FeedFailing, FeedRecovered, FeedWentEmpty, FeedWentStale } from '../feed-events.js';
import { historyOf, type SourceRow } from '../sources/source-row.js';
import {
  type FeedCondition,
  type FeedState,
  type StateLimits,
  type StateNews,
  stateNews,
  stateOf,
} from '../sources/feed-state.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';

/** The figures of a source after a cycle. */
interface Counts {
  consecutiveEmpty: number;
  consecutiveFailures: number;
  error: string | null;
  /** The server said that the feed no longer exists. */
  gone: boolean;
}

const TYPES = { empty: FeedWentEmpty, stale: FeedWentStale, failing: FeedFailing } as const;

/** Records operator events about a source: each condition once when it begins, and one recovery when all have ended. */
@Injectable()
export class FeedAlerts {
  private readonly limits: StateLimits;

  constructor(
    private readonly events: EventLog,
    private readonly venues: Venues,
    @Inject(feedsConfig.token) config: FeedsConfig,
  ) {
    this.limits = {
      emptyCycles: config.consecutiveEmptyCycles,
      failures: config.failingAfter,
      staleCadences: config.staleCadences,
    };
  }

  of(source: SourceRow, now: number): StateNews {
    return stateNews(historyOf(source, this.hoursOf(source)), source.raised, now, this.limits);
  }

  /** Returns the current state. The stored one may come from a process that has died since. */
  stateNow(source: SourceRow, now: number): FeedState {
    return source.enabled ? stateOf(historyOf(source, this.hoursOf(source)), now, this.limits) : 'quiet';
  }

  /** Trading hours in which the source must deliver items. */
  hoursOf({ venue }: SourceRow): VenueHours {
    return this.venues.hours(venue);
  }

  /** Called in the transaction that writes the state, on the locked row. */
  async record(source: SourceRow, news: StateNews, counts: Counts, now: Date): Promise<void> {
    const payload = {
      sourceId: source.id,
      source: source.name,
      kind: source.kind,
      since: (source.lastItemAt ?? source.createdAt).toISOString(),
      consecutiveEmpty: counts.consecutiveEmpty,
      consecutiveFailures: counts.consecutiveFailures,
      lastSuccessAt: source.lastSuccessAt?.toISOString() ?? null,
      lastItemAt: source.lastItemAt?.toISOString() ?? null,
    };
    const began = news.began.map((condition): RecordedEvent => ({
      type: TYPES[condition].type,
      occurredAt: now,
      payload: { ...payload, reason: this.reasonOf(condition, source, counts) },
    }));
    const over =
      news.recovered.length === 0
        ? []
        : [
            {
              type: FeedRecovered.type,
              occurredAt: now,
              payload: { ...payload, recoveredFrom: news.recovered, reason: `no longer ${news.recovered.join(', ')}` },
            },
          ];
    await this.events.recordMany([...began, ...over]);
  }

  private reasonOf(condition: FeedCondition, source: SourceRow, counts: Counts): string {
    if (counts.gone && counts.error !== null) return counts.error;
    if (condition === 'empty') return `${counts.consecutiveEmpty} cycles in a row brought nothing new`;
    if (condition === 'failing') {
      if (counts.consecutiveFailures === 0) return `${source.unfinished} cycles were begun and never ended`;
      return `${counts.consecutiveFailures} cycles in a row failed${counts.error === null ? '' : `: ${counts.error}`}`;
    }
    const last = source.lastSuccessAt?.toISOString() ?? 'never';
    return `no news as expected in market hours (last good cycle ${last}, last item ${source.lastItemAt?.toISOString() ?? 'never'})`;
  }
}
