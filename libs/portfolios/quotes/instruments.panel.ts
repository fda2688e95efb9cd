import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type InstrumentsOverview, InstrumentsRepository } from '#instruments';
import {
  type Owned,
  ownedList,
  type OwnedList,
  type PanelChanges,
  replaceItems,
  SnapshotPanel,
  type Viewer,
} from '#panels';
import { QuotesRepository } from './quotes.repository.js';

const item = z.object({
  instrumentId: z.uuid(),
  broker: z.string(),
  key: z.string(),
  exchange: z.string(),
  tradingsymbol: z.string(),
  name: z.string(),
  delistedAt: z.iso.datetime().nullable(),
  lastPrice: z.string().nullable().describe('null before the first quote'),
  previousClose: z.string().nullable(),
  pricedAt: z.iso.datetime().nullable(),
});
const latestImport = z.object({
  id: z.string(),
  broker: z.string(),
  kind: z.enum(['import', 'rollback']),
  source: z.string(),
  inserted: z.int(),
  updated: z.int(),
  relisted: z.int(),
  delisted: z.int(),
  quarantined: z.int(),
  createdAt: z.iso.datetime(),
});
const schema = z.object({
  listed: z.int().describe('contracts of all brokers'),
  latestImport: latestImport.nullable(),
  watchlist: z.array(item).describe("the viewer's own, in the order of instrumentId"),
});
type WatchItem = z.output<typeof item>;

interface Followed {
  userId: string;
  shown: WatchItem;
}

interface State {
  overview: InstrumentsOverview;
  lists: OwnedList<Followed>;
}

const of: Owned<Followed> = {
  key: ({ userId, shown }) => `${userId} ${shown.instrumentId}`,
  owner: ({ userId }) => userId,
};

/** Listed instruments, and watchlists with their last prices. */
@Injectable()
export class InstrumentsPanel extends SnapshotPanel<State> {
  readonly name = 'instruments';
  // Removing a user removes their watchlist by cascade.
  readonly topics = ['instruments', 'watchlist', 'quotes', 'users'] as const;
  readonly schema = schema;

  constructor(
    private readonly instruments: InstrumentsRepository,
    private readonly quotes: QuotesRepository,
  ) {
    super();
  }

  async load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State> {
    if (previous !== undefined && changes !== undefined && changes.size === 1 && changes.has('quotes')) {
      const quoted = contractsOf(previous.overview, changes.get('quotes')!);
      const items = await this.#priced(quoted);
      const lists = replaceItems(previous.lists, new Set(items.map(of.key)), items, of);
      return lists === previous.lists ? previous : { ...previous, lists };
    }
    const overview = await this.instruments.overview();
    const items = await this.#priced(overview.watchlists);
    if (previous === undefined) return { overview, lists: ownedList(items, of) };
    const lists = replaceItems(previous.lists, new Set([...previous.lists.all, ...items].map(of.key)), items, of);
    return { overview, lists };
  }

  viewKey(viewer: Viewer): string {
    return viewer.userId;
  }

  view({ overview, lists }: State, viewer: Viewer) {
    const followed = lists.byOwner.get(viewer.userId) ?? [];
    return {
      listed: overview.listed,
      latestImport: overview.latestImport,
      watchlist: followed.map(({ shown }) => shown),
    };
  }

  async #priced(watchlists: Watched): Promise<Followed[]> {
    if (watchlists.length === 0) return [];
    const pairs = new Map(watchlists.map(({ broker, key }) => [`${broker} ${key}`, { broker, key }]));
    const quotes = new Map(
      (await this.quotes.latest([...pairs.values()])).map((quote) => [`${quote.broker} ${quote.key}`, quote]),
    );
    return watchlists.map(({ userId, ...contract }) => {
      const quote = quotes.get(`${contract.broker} ${contract.key}`);
      const priced = {
        lastPrice: quote?.price ?? null,
        previousClose: quote?.previousClose ?? null,
        pricedAt: quote?.asOf ?? null,
      };
      return { userId, shown: { ...contract, ...priced } };
    });
  }
}

type Watched = InstrumentsOverview['watchlists'];
// The contracts on watchlists by `broker key`, as the change feed names quotes. Made once for each overview.
const byKey = new WeakMap<InstrumentsOverview, Map<string, Watched>>();

function contractsOf(overview: InstrumentsOverview, keys: ReadonlySet<string>): Watched {
  let known = byKey.get(overview);
  if (known === undefined) {
    byKey.set(overview, (known = new Map()));
    for (const contract of overview.watchlists) {
      const key = `${contract.broker} ${contract.key}`;
      const others = known.get(key);
      if (others === undefined) known.set(key, [contract]);
      else others.push(contract);
    }
  }
  return [...keys].flatMap((key) => known.get(key) ?? []);
}
