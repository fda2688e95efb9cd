import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import { type InstrumentsOverview, InstrumentsRepository } from '#instruments';
import { beside, type PanelChanges, SnapshotPanel, type Viewer } from '#panels';
import type { QuotedInstrument } from './quoted-instruments.repository.js';
import { type QuotesState, watchedBy } from './quotes.panel.js';

const item = z.object({
  instrumentId: z.uuid(),
  broker: z.string(),
  key: z.string(),
  exchange: z.string(),
  tradingsymbol: z.string(),
  name: z.string(),
  delistedAt: z.iso.datetime().nullable(),
  lastPrice: decimalText.nullable().describe('null before the first quote'),
  previousClose: decimalText.nullable(),
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
publishSchemas({ InstrumentsPanel: schema, LatestImport: latestImport, WatchedInstrument: item });
type WatchItem = z.output<typeof item>;

interface State {
  overview: InstrumentsOverview;
  quotes: QuotesState;
}

/** Listed instruments, and watchlists with their last prices, which the panel `quotes` has loaded. */
@Injectable()
export class InstrumentsPanel extends SnapshotPanel<State> {
  readonly name = 'instruments';
  // Removing a user removes their watchlist by cascade.
  readonly topics = ['instruments', 'watchlist', 'quotes', 'users'] as const;
  readonly schema = schema;

  constructor(private readonly instruments: InstrumentsRepository) {
    super();
  }

  async load(
    changes: PanelChanges | undefined,
    previous: State | undefined,
    loaded: ReadonlyMap<string, object>,
  ): Promise<State> {
    const quotes = loaded.get('quotes') as QuotesState;
    const known = previous !== undefined && changes !== undefined && !changes.has('instruments');
    const overview = known ? previous.overview : await this.instruments.overview();
    return known && quotes === previous.quotes ? previous : { overview, quotes };
  }

  viewKey(viewer: Viewer): string {
    return viewer.userId;
  }

  view({ overview, quotes }: State, viewer: Viewer) {
    return { ...overview, watchlist: watchedBy(quotes, viewer).map(itemOf) };
  }
}

// Made once for each row, so that comparisons skip what did not change.
const items = beside<QuotedInstrument, WatchItem>();

function itemOf(row: QuotedInstrument): WatchItem {
  let shown = items.get(row);
  if (shown === undefined) {
    const { instrumentId, broker, key, exchange, tradingsymbol, name, delistedAt, price, previousClose, asOf } = row;
    const contract = { instrumentId, broker, key, exchange, tradingsymbol, name, delistedAt };
    items.set(row, (shown = { ...contract, lastPrice: price, previousClose, pricedAt: asOf }));
  }
  return shown;
}
