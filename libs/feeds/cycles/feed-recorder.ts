import { Injectable } from '@nestjs/common';
import { EventLog, type RecordedEvent } from '#events';
import { Filings, type RegisteredFiling } from '#filings';
import { uuid7 } from '#ids';
import {
  FilingAmended,
  FilingPublished,
  NewsPublished,
  NewsRevised,
  TradingHalted,
  TradingHaltRevised,
} from '../feed-events.js';
import type { FeedItem, HaltItem, NewsItem } from '../formats/feed-item.js';
import { type ItemClaim, SeenItemsRepository } from './seen-items.repository.js';

/** The source of the items. */
export interface ItemOrigin {
  id: string;
  name: string;
}

/** The first contact with a source: what it held before it was added raises no alerts and gets no summaries, except the newest items. */
export interface FirstContact {
  /** When the source was added or last changed. Items with a later date are new. */
  addedAt: Date;
  /** Number of older items that alert nevertheless. */
  alertOnFirst: number;
}

export interface Taken {
  fresh: number;
  /** New and revised items that raised no alerts. */
  unalerted: number;
  revised: number;
  seen: number;
}

/**
 * Records the new items of a poll as claims, filings and events, and through listeners as alerts and deliveries, all in the open
 * transaction. If the database fails, the error is thrown and no item is claimed.
 */
@Injectable()
export class FeedRecorder {
  constructor(
    private readonly seen: SeenItemsRepository,
    private readonly filings: Filings,
    private readonly events: EventLog,
  ) {}

  /** Call it inside @Atomic(). @param items each key once */
  async take(origin: ItemOrigin, items: readonly FeedItem[], now: Date, contact?: FirstContact): Promise<Taken> {
    if (items.length === 0) return { fresh: 0, unalerted: 0, revised: 0, seen: 0 };
    const wanted = items.map((item) => ({
      item,
      key: item.key,
      digest: item.digest,
      eventId: uuid7(now),
      title: item.kind === 'news' ? item.title : null,
    }));
    const claims = new Map(
      (await this.seen.take(origin.id, wanted)).map((claim) => [claim.key.toString('hex'), claim]),
    );
    // Feeds usually list the newest first. Events of one poll are recorded oldest first.
    const given = wanted.flatMap(({ item, key, eventId }) => {
      const claim = claims.get(key.toString('hex'));
      return claim === undefined ? [] : [{ item, claim, eventId }];
    });
    given.reverse();
    const heldBefore =
      contact === undefined
        ? new Set<FeedItem>()
        : itemsBefore(
            given.map(({ item }) => item),
            contact,
          );
    const filed = await this.register(given, heldBefore);
    const events = { heard: [] as RecordedEvent[], unheard: [] as RecordedEvent[] };
    for (const { item, claim, eventId } of given) {
      const list = heldBefore.has(item) ? events.unheard : events.heard;
      if (item.kind === 'filing') list.push(...filingEvent(origin, filed.get(item.filing.accession), eventId, now));
      else
        list.push({ id: claim.revision === 0 ? eventId : uuid7(now), occurredAt: now, ...told(origin, item, claim) });
    }
    await this.events.recordMany(events.unheard, { unheard: true });
    await this.events.recordMany(events.heard);
    const fresh = given.filter(({ claim }) => claim.revision === 0).length;
    // Another filer of a known filing is merged into it, without an event.
    const revised = given.filter(({ claim, item }) => claim.revision > 0 && item.kind !== 'filing').length;
    return { fresh, unalerted: events.unheard.length, revised, seen: items.length - fresh - revised };
  }

  private async register(
    given: readonly { item: FeedItem; eventId: string }[],
    heldBefore: ReadonlySet<FeedItem>,
  ): Promise<Map<string, RegisteredFiling>> {
    const found = given.flatMap(({ item, eventId }) =>
      item.kind === 'filing' ? [{ ...item.filing, eventId, heldBefore: heldBefore.has(item) }] : [],
    );
    if (found.length === 0) return new Map();
    return new Map((await this.filings.register(found)).map((filing) => [filing.accession, filing]));
  }
}

/** @param items oldest first, as recorded. @returns those that were there before the contact and raise no alerts */
function itemsBefore(items: readonly FeedItem[], { addedAt, alertOnFirst }: FirstContact): Set<FeedItem> {
  const older = items.filter((item) => timeOf(item) < addedAt.getTime());
  // Stable: items without a date stay in the order of the feed, before all dated ones.
  const oldestFirst = older.sort((a, b) => timeOf(a) - timeOf(b));
  return new Set(oldestFirst.slice(0, Math.max(0, older.length - alertOnFirst)));
}

/** When the publisher dates an item, ms since 1970. 0 without a date. */
function timeOf(item: FeedItem): number {
  if (item.kind === 'filing') return item.filing.filedAt.getTime();
  return item.kind === 'halt' ? item.haltedAt.getTime() : (item.publishedAt?.getTime() ?? 0);
}

type Told = Pick<RecordedEvent, 'type' | 'payload' | 'causationId'>;

function told(
  origin: ItemOrigin,
  item: NewsItem | HaltItem,
  { revision, firstEventId, previousTitle }: ItemClaim,
): Told {
  const payload = item.kind === 'news' ? newsPayload(origin, item) : haltPayload(origin, item);
  if (revision === 0) return { type: (item.kind === 'news' ? NewsPublished : TradingHalted).type, payload };
  const type = (item.kind === 'news' ? NewsRevised : TradingHaltRevised).type;
  return {
    type,
    payload: { ...payload, revision, firstEventId, previousTitle },
    ...(firstEventId === null ? {} : { causationId: firstEventId }),
  };
}

/** Merges other filers into a filing that is known or came from another source, without another event. */
function filingEvent(
  origin: ItemOrigin,
  filing: RegisteredFiling | undefined,
  eventId: string,
  now: Date,
): RecordedEvent[] {
  if (!filing?.isNew) return [];
  const { accession, form, baseForm, isAmendment, filers, tickers, items, filedOn, filedAt, link } = filing;
  const { state, amends, candidates } = filing;
  const payload = {
    sourceId: origin.id,
    source: origin.name,
    ...{ accession, form, baseForm, isAmendment, filers, items, filedOn, link },
    filedAt: filedAt.toISOString(),
    company: filers[0]?.name ?? '',
    companies: [...new Set(filers.map(({ name }) => name))],
    ciks: [...new Set(filers.map(({ cik }) => cik))],
    tickers,
  };
  if (!isAmendment) return [{ id: eventId, occurredAt: now, type: FilingPublished.type, payload }];
  return [
    {
      id: eventId,
      occurredAt: now,
      type: FilingAmended.type,
      payload: { ...payload, amendment: state, amends, candidates },
    },
  ];
}

function newsPayload(origin: ItemOrigin, item: NewsItem) {
  const { title, link, summary, author, categories, tickers, listings, language, publishedAt } = item;
  return {
    sourceId: origin.id,
    source: origin.name,
    title,
    link,
    summary,
    author,
    categories,
    tickers,
    listings,
    language,
    publishedAt: publishedAt?.toISOString() ?? null,
  };
}

function haltPayload(origin: ItemOrigin, item: HaltItem) {
  const { symbol, name, market, reasonCode, haltedAt, resumesQuotingAt, resumesTradingAt, pauseThresholdPrice } = item;
  return {
    sourceId: origin.id,
    source: origin.name,
    ...{ symbol, tickers: [symbol], name, market, reasonCode, pauseThresholdPrice },
    haltedAt: haltedAt.toISOString(),
    resumesQuotingAt: resumesQuotingAt?.toISOString() ?? null,
    resumesTradingAt: resumesTradingAt?.toISOString() ?? null,
  };
}
