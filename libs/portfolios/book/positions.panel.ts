import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  onceForRows,
  type Owned,
  ownedList,
  type OwnedList,
  ownerKey,
  type PanelChanges,
  replaceItems,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import type { PortfolioWorth } from '../portfolio-worth.js';
import { quotedContract } from '../quotes/quoted-contract.js';
import { type ContractName, QuotedInstrumentsRepository } from '../quotes/quoted-instruments.repository.js';
import { portfolioId } from '../wire-fields.js';
import type { ValuedPosition } from '../valuation/position.js';
import { PositionTotals, positionTotal } from './position-totals.js';
import { SORT_FIGURES, sortedBy } from './figure-order.js';
import { changedBetween, type PortfolioBook } from './portfolio-book.js';
import { PortfolioBooks } from './portfolio-books.service.js';
import type { PortfoliosState } from './portfolios-state.js';

const amount = z.string().nullable();
const item = z.object({
  id: z.string().describe('`portfolioId|key|leg`'),
  portfolioId: z.string(),
  userId: z.uuid(),
  broker: z.string(),
  key: z.string(),
  leg: z.string(),
  instrumentId: z.uuid().nullable().describe('null if no listed contract has the key'),
  tradingsymbol: z.string().nullable(),
  name: z.string().nullable(),
  currency: z.string(),
  quantity: z.string(),
  averagePrice: amount,
  price: z.string(),
  pricedAt: z.iso.datetime(),
  value: amount,
  unrealised: amount,
  dayPnl: amount,
  exposure: amount,
  dayBasis: z.string().nullable(),
  closeBasis: z.string().nullable(),
  flags: z.array(z.string()).describe('Reasons of `incomplete`: why a figure is null, or what it is assumed by'),
});
export type PositionItem = z.output<typeof item>;
const hidden = z
  .int()
  .describe(
    'Contracts in portfolios that are not shown: of each owner as many portfolios are, by id, as hold 2,000 contracts',
  );
const totals = z
  .array(positionTotal)
  .describe('One a currency, of all rows of the parameters, with and without the window');
const schema = z.object({
  hidden,
  totals,
  items: z.array(item).describe('In the order of id. Operators see all, others those of their own portfolios'),
});
const SORTS = ['id', ...SORT_FIGURES] as const;
const parameters = z.strictObject({
  portfolioId: portfolioId.optional(),
  sort: z
    .enum(SORTS, { error: SORTS.join(', ') })
    .default('id')
    .describe('Unknown figures come last'),
  ...windowParameters,
});

/** The book and the names of contracts stand beside the rows: what they say is in the rows. */
class PositionsState {
  readonly #from: { book: PortfolioBook; names: ReadonlyMap<string, ContractName> };

  constructor(
    readonly list: OwnedList<PositionItem>,
    from: { book: PortfolioBook; names: ReadonlyMap<string, ContractName> },
  ) {
    this.#from = from;
  }

  get from() {
    return this.#from;
  }
}

/** Rows that went and rows that came. */
interface Move {
  removed: PositionItem[];
  added: PositionItem[];
}

/** The rows that a change has replaced, of all and of each owner. */
class Moves {
  readonly all: Move = { removed: [], added: [] };
  readonly byOwner = new Map<string, Move>();

  add(old: PositionItem | undefined, now: PositionItem | undefined): void {
    if (old !== undefined) for (const move of [this.all, this.of(old.userId)]) move.removed.push(old);
    if (now !== undefined) for (const move of [this.all, this.of(now.userId)]) move.added.push(now);
  }

  private of(owner: string): Move {
    let move = this.byOwner.get(owner);
    if (move === undefined) this.byOwner.set(owner, (move = { removed: [], added: [] }));
    return move;
  }
}

const of: Owned<PositionItem> = { key: ({ id }) => id, owner: ({ userId }) => userId };

/** Positions, one row each, from the book that the panel `portfolios` has loaded: a quote makes new rows of its positions only. */
@Injectable()
export class PositionsPanel extends SnapshotPanel<PositionsState> {
  readonly name = 'positions';
  readonly topics: readonly (PortfolioBooks['topics'][number] | 'instruments')[];
  readonly schema = schema;
  override readonly onlyByName = true;
  override readonly parameters = parameters;
  override readonly windowSchema = windowSchema(item, { hidden, totals });

  private readonly totals = new WeakMap<readonly PositionItem[], PositionTotals>();

  constructor(
    books: PortfolioBooks,
    private readonly instruments: QuotedInstrumentsRepository,
  ) {
    super();
    this.topics = [...books.topics, 'instruments'];
  }

  async load(
    changes: PanelChanges | undefined,
    previous: PositionsState | undefined,
    loaded: ReadonlyMap<string, object>,
  ): Promise<PositionsState> {
    const { book } = loaded.get('portfolios') as PortfoliosState;
    if (previous === undefined || changes === undefined || changes.has('instruments')) {
      const names = await this.namesOf([...book.holders.byContract.keys()]);
      const rows = [...book.kept.values()].flatMap((worth) => rowsOf(worth, names));
      return new PositionsState(previous ? allReplaced(previous.list, rows) : ownedList(rows, of), { book, names });
    }
    const before = previous.from;
    if (before.book === book) return previous;
    let { names } = before;
    if (book.holders.byContract !== before.book.holders.byContract) {
      const unknown = [...book.holders.byContract.keys()].filter((key) => !before.book.holders.byContract.has(key));
      names = new Map([...names, ...(await this.namesOf(unknown))]);
    }
    const ids = changedBetween(before.book, book);
    if (ids === undefined) {
      const rows = [...book.kept.values()].flatMap((worth) => rowsOf(worth, names));
      return new PositionsState(allReplaced(previous.list, rows), { book, names });
    }
    const gone = new Set<string>();
    const fresh: PositionItem[] = [];
    for (const id of ids) {
      const [old, now] = [before.book.kept.get(id), book.kept.get(id)];
      if (old?.row !== now?.row) for (const position of old?.positions ?? []) gone.add(keyOf(id, position));
      if (now === undefined) continue;
      now.positions.forEach((position, at) => {
        if (old?.row !== now.row || old?.positions[at] !== position) fresh.push(rowOf(now, position, names));
      });
    }
    const moves = new Moves();
    const list = replaceItems(previous.list, gone, fresh, of, (old, now) => moves.add(old, now));
    this.moveTotals(previous.list, list, moves);
    return new PositionsState(list, { book, names });
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view(state: PositionsState, viewer: Viewer) {
    const items = itemsFor(state, viewer);
    return { hidden: hiddenFrom(state, viewer), totals: this.totalsOf(items).shown, items };
  }

  override window(state: PositionsState, viewer: Viewer, chosen: z.output<typeof parameters>) {
    const { portfolioId: id, sort, ...bounds } = chosen;
    const all = itemsFor(state, viewer);
    const kept = id === undefined ? all : onceForRows(all, id, () => ofPortfolio(all, id));
    const rows = sort === 'id' ? kept : onceForRows(kept, sort, () => sortedBy(kept, sort));
    return windowOf(rows, of.key, bounds, { hidden: hiddenFrom(state, viewer), totals: this.totalsOf(kept).shown });
  }

  /** The totals of all rows, once they were asked for, are those of the rows before with what has changed. */
  private totalsOf(rows: readonly PositionItem[]): PositionTotals {
    let known = this.totals.get(rows);
    if (known === undefined) this.totals.set(rows, (known = PositionTotals.EMPTY.moved([], rows)));
    return known;
  }

  /** Costs what has changed: totals that nobody asked for are not moved. */
  private moveTotals(before: OwnedList<PositionItem>, after: OwnedList<PositionItem>, moves: Moves): void {
    this.follow(before.all, after.all, moves.all);
    for (const [owner, ofOwner] of moves.byOwner)
      this.follow(before.byOwner.get(owner), after.byOwner.get(owner), ofOwner);
  }

  private follow(
    from: readonly PositionItem[] | undefined,
    to: readonly PositionItem[] | undefined,
    { removed, added }: Move,
  ): void {
    const known = from && this.totals.get(from);
    if (known !== undefined && to !== undefined && from !== to) this.totals.set(to, known.moved(removed, added));
  }

  private async namesOf(contracts: readonly string[]): Promise<Map<string, ContractName>> {
    if (contracts.length === 0) return new Map();
    const names = await this.instruments.names(contracts.map(quotedContract));
    return new Map(names.map((name) => [`${name.broker} ${name.key}`, name]));
  }
}

const NOTHING: readonly PositionItem[] = [];

function itemsFor({ list }: PositionsState, viewer: Viewer): readonly PositionItem[] {
  return viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? NOTHING);
}

function hiddenFrom({ from: { book } }: PositionsState, viewer: Viewer): number {
  if (!viewer.operator) return book.others.get(viewer.userId) ?? 0;
  return [...book.others.values()].reduce((sum, contracts) => sum + contracts, 0);
}

function allReplaced(list: OwnedList<PositionItem>, rows: readonly PositionItem[]): OwnedList<PositionItem> {
  return replaceItems(list, new Set([...list.all, ...rows].map(of.key)), rows, of);
}

/** Rows are in the order of their ids, which begin with the portfolio, so its rows are neighbours. */
function ofPortfolio(rows: readonly PositionItem[], id: string): readonly PositionItem[] {
  const begin = rows.findIndex((row) => row.portfolioId === id);
  if (begin < 0) return NOTHING;
  const end = rows.findIndex((row, at) => at > begin && row.portfolioId !== id);
  return rows.slice(begin, end < 0 ? rows.length : end);
}

function keyOf(id: string, { key, leg }: ValuedPosition): string {
  return `${id}|${key}|${leg}`;
}

function rowsOf(worth: PortfolioWorth, names: ReadonlyMap<string, ContractName>): PositionItem[] {
  return worth.positions.map((position) => rowOf(worth, position, names));
}

function rowOf(
  { row }: PortfolioWorth,
  position: ValuedPosition,
  names: ReadonlyMap<string, ContractName>,
): PositionItem {
  const { portfolioId: id, userId, broker } = row;
  const { key, leg, decimals } = position;
  const named = names.get(`${broker} ${key}`);
  return {
    id: keyOf(id, position),
    portfolioId: id,
    userId,
    broker,
    key,
    leg,
    instrumentId: named?.instrumentId ?? null,
    tradingsymbol: named?.tradingsymbol ?? null,
    name: named?.name ?? null,
    currency: position.currency,
    quantity: position.quantity.shown(),
    averagePrice: position.averagePrice && position.averagePrice.shown(),
    price: position.price.shown(),
    pricedAt: position.pricedAt,
    value: position.value && position.value.shown(decimals.value),
    unrealised: position.unrealised && position.unrealised.shown(),
    dayPnl: position.dayPnl && position.dayPnl.shown(decimals.dayPnl),
    exposure: position.exposure && position.exposure.shown(),
    dayBasis: position.dayBasis,
    closeBasis: position.closeBasis,
    flags: [...new Set(position.incomplete.map(({ reason }) => reason))],
  };
}
