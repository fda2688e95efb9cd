import { Injectable } from '@nestjs/common';
import { shownTime } from '#time';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import {
  beside,
  type Owned,
  ownedList,
  type OwnedList,
  type PanelChanges,
  replaceItems,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { ChangedQuotes } from './changed-quotes.js';
import type { QuoteView } from './quote.dto.js';
import { quotedContract } from './quoted-contract.js';
import { type QuotedInstrument, QuotedInstrumentsRepository } from './quoted-instruments.repository.js';

const IDS_MAX = 1_000;

const item = z.object({
  instrumentId: z.uuid(),
  broker: z
    .string()
    .nullable()
    .describe('null, with all that follows, for a named contract that nobody watches and that never had a quote'),
  key: z.string().nullable(),
  exchange: z.string().nullable(),
  tradingsymbol: z.string().nullable(),
  name: z.string().nullable(),
  delistedAt: z.iso.datetime().nullable(),
  price: decimalText.nullable().describe('null before the first quote, and for a delisted contract'),
  kind: z.enum(['last', 'mark', 'mid', 'settlement']).nullable(),
  currency: z.string().nullable(),
  previousClose: decimalText.nullable(),
  previousCloseDate: z.iso.date().nullable(),
  asOf: z.iso.datetime().nullable(),
});
const schema = z.object({ items: z.array(item).describe("The viewer's watchlist, in the order of instrumentId") });
const parameters = z
  .strictObject({
    instrumentIds: z
      .array(z.uuid({ error: 'the id of an instrument' }), { error: 'a list of instrument ids' })
      .max(IDS_MAX, { error: `at most ${IDS_MAX} instrument ids` })
      .optional()
      .describe('These contracts, in this order'),
    watchlist: z.literal(true, { error: 'true' }).optional().describe("The viewer's watchlist, the default"),
    ...windowParameters,
  })
  .refine(({ instrumentIds, watchlist }) => instrumentIds === undefined || watchlist === undefined, {
    error: 'instrumentIds or watchlist, not both',
  });
const windowed = windowSchema(item);
publishSchemas({
  QuotesPanel: schema,
  QuotesPanelParameters: parameters,
  QuotesPanelRow: item,
  QuotesPanelWindow: windowed,
});

export interface QuotesState {
  /** In the order of their ids. Nobody owns a quote. */
  quotes: OwnedList<QuotedInstrument>;
  /** Stays the same object while no contract comes or goes, so that the places of a viewer's contracts are looked up once. */
  shape: object;
  watchlists: ReadonlyMap<string, readonly string[]>;
}

const of: Owned<QuotedInstrument> = { key: ({ instrumentId }) => instrumentId, owner: () => '' };

/**
 * Quotes by instrument: listed contracts with a quote, and all that somebody watches. A quote reloads the rows of its keys. 200
 * viewers of 100 contracts each find their rows by place: no comparison for each viewer and quote.
 */
@Injectable()
export class QuotesPanel extends SnapshotPanel<QuotesState> {
  readonly name = 'quotes';
  // Removing a user removes their watchlist by cascade.
  readonly topics = ['quotes', 'instruments', 'watchlist', 'users'] as const;
  readonly schema = schema;
  override readonly onlyByName = true;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(
    private readonly instruments: QuotedInstrumentsRepository,
    private readonly changed: ChangedQuotes,
  ) {
    super();
  }

  async load(changes: PanelChanges | undefined, previous: QuotesState | undefined): Promise<QuotesState> {
    if (previous === undefined || changes === undefined || changes.has('instruments') || changes.has('users'))
      return this.#all(previous);
    let { watchlists } = previous;
    const ids = new Set<string>();
    const users = changes.get('watchlist');
    if (users !== undefined) {
      const changed = await this.instruments.watchlists([...users]);
      watchlists = new Map([...watchlists].filter(([userId]) => !users.has(userId)).concat([...changed]));
      for (const userId of users)
        for (const id of [...(previous.watchlists.get(userId) ?? []), ...(changed.get(userId) ?? [])]) ids.add(id);
    }
    const fresh = ids.size > 0 ? await this.instruments.ofIds([...ids]) : [];
    const keys = changes.get('quotes');
    if (keys !== undefined) fresh.push(...(await this.#quoted(previous, keys)));
    for (const { instrumentId } of fresh) ids.add(instrumentId);
    const shown = new Map(shownOf(fresh, watchlists).map((row) => [row.instrumentId, row]));
    const quotes = replaceItems(previous.quotes, ids, [...shown.values()], of);
    if (quotes === previous.quotes && watchlists === previous.watchlists) return previous;
    const known = placesIn(previous).byId;
    const stays = [...ids].every((id) => shown.has(id) === known.has(id));
    return { quotes, shape: stays ? previous.shape : {}, watchlists };
  }

  viewKey(viewer: Viewer, chosen?: object): string {
    return (chosen as z.output<typeof parameters> | undefined)?.instrumentIds === undefined ? viewer.userId : '*';
  }

  view(state: QuotesState, viewer: Viewer) {
    return { items: watchedBy(state, viewer) };
  }

  override window(state: QuotesState, viewer: Viewer, { instrumentIds, ...bounds }: z.output<typeof parameters>) {
    const rows = instrumentIds === undefined ? watchedBy(state, viewer) : namedIn(state, instrumentIds);
    return windowOf<Named>(rows, ({ instrumentId }) => instrumentId, bounds);
  }

  /** The rows of contracts whose quotes changed. Those that are known take the new quote; the others are read. */
  async #quoted(previous: QuotesState, keys: ReadonlySet<string>): Promise<QuotedInstrument[]> {
    const latest = await this.changed.of(keys);
    const { byContract } = placesIn(previous);
    const rows: QuotedInstrument[] = [];
    const unknown: string[] = [];
    for (const contract of keys) {
      const [place, quote] = [byContract.get(contract), latest.get(contract)];
      if (place === undefined || quote === undefined) unknown.push(contract);
      else rows.push(withQuote(previous.quotes.all[place]!, quote));
    }
    if (unknown.length > 0) rows.push(...(await this.instruments.ofKeys(unknown.map(quotedContract))));
    return rows;
  }

  async #all(previous: QuotesState | undefined): Promise<QuotesState> {
    const [rows, watchlists] = [await this.instruments.all(), await this.instruments.watchlists()];
    return { quotes: await ownedList(rows, of, previous?.quotes), shape: {}, watchlists };
  }
}

const NOTHING: readonly string[] = [];

/** The viewer's watchlist with its quotes, in the order of ids. */
export function watchedBy(state: QuotesState, viewer: Viewer): readonly QuotedInstrument[] {
  return rowsOf(state, state.watchlists.get(viewer.userId) ?? NOTHING);
}

/** A contract that a viewer named. The state has only those with a quote and those that somebody watches. */
type Named = { [Member in keyof QuotedInstrument]: QuotedInstrument[Member] | null } & { instrumentId: string };

const NEVER_QUOTED_KEPT = 10_000;
const neverQuoted = new LRUCache<string, Named>({ max: NEVER_QUOTED_KEPT });

/** The same row for the same contract, so that no delta has it. */
function neverQuotedRow(instrumentId: string): Named {
  let row = neverQuoted.get(instrumentId);
  if (row === undefined) {
    const nulls = Object.fromEntries(Object.keys(item.shape).map((member) => [member, null]));
    neverQuoted.set(instrumentId, (row = { ...nulls, instrumentId } as Named));
  }
  return row;
}

function namedIn(state: QuotesState, ids: readonly string[]): Named[] {
  const { byId } = placesIn(state);
  return [...new Set(ids)].map((id) => {
    const place = byId.get(id);
    return place === undefined ? neverQuotedRow(id) : state.quotes.all[place]!;
  });
}

/** Those that have a quote or that somebody watches. */
function shownOf(rows: readonly QuotedInstrument[], watchlists: QuotesState['watchlists']): QuotedInstrument[] {
  if (rows.every(({ price }) => price !== null)) return [...rows];
  const watched = new Set([...watchlists.values()].flat());
  return rows.filter(({ price, instrumentId }) => price !== null || watched.has(instrumentId));
}

function withQuote(row: QuotedInstrument, quote: QuoteView): QuotedInstrument {
  const { price, kind, currency, previousClose, previousCloseDate, asOf } = quote;
  return { ...row, price, kind, currency, previousClose, previousCloseDate, asOf: shownTime(asOf) };
}

/** Where contracts stand in the order of ids: by id, listed ones by `broker key`, and for the lists of viewers. */
interface Places {
  byId: ReadonlyMap<string, number>;
  byContract: ReadonlyMap<string, number>;
  ofLists: WeakMap<readonly string[], readonly number[]>;
}

const places = beside<object, Places>();

function placesIn({ quotes, shape }: QuotesState): Places {
  let known = places.get(shape);
  if (known === undefined) {
    const [byId, byContract] = [new Map<string, number>(), new Map<string, number>()];
    for (const [place, { instrumentId, broker, key, delistedAt }] of quotes.all.entries()) {
      byId.set(instrumentId, place);
      if (delistedAt === null) byContract.set(`${broker} ${key}`, place);
    }
    places.set(shape, (known = { byId, byContract, ofLists: new WeakMap() }));
  }
  return known;
}

function rowsOf(state: QuotesState, ids: readonly string[]): QuotedInstrument[] {
  const { byId, ofLists } = placesIn(state);
  let found = ofLists.get(ids);
  if (found === undefined) {
    found = [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
    ofLists.set(ids, found);
  }
  return found.map((place) => state.quotes.all[place]!);
}
