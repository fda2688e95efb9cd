import { setImmediate as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import {
  beside,
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
import type { KeptWorth } from '../portfolio-worth.js';
import { quotedContract } from '../quotes/quoted-contract.js';
import { type ContractName, QuotedInstrumentsRepository } from '../quotes/quoted-instruments.repository.js';
import { portfolioId } from '../wire-fields.js';
import { MovedPosition } from '../valuation/moved-position.js';
import { Copied } from './copied.js';
import { positionItem, PositionRow } from './position-row.js';
import { type Move, Moves } from './position-moves.js';
import { PositionTotals, positionTotal } from './position-totals.js';
import { SORT_FIGURES, sortedBy } from './figure-order.js';
import { changedBetween, type PortfolioBook } from './portfolio-book.js';
import { PortfolioBooks } from './portfolio-books.service.js';
import type { PortfoliosState } from './portfolios-state.js';

const hidden = z
  .int()
  .describe(
    'Contracts in portfolios that are not shown: of each owner as many portfolios are, by id, as fit their share of the memory',
  );
const totals = z
  .array(positionTotal)
  .describe('One a currency, of all rows of the parameters, with and without the window');
const schema = z.object({
  hidden,
  totals,
  items: z.array(positionItem).describe('In the order of id. Operators see all, others those of their own portfolios'),
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
const windowed = windowSchema(positionItem, { hidden, totals });
publishSchemas({ PositionsPanel: schema, PositionsPanelParameters: parameters, PositionsPanelWindow: windowed });

interface RowsFrom {
  book: PortfolioBook;
  names: ReadonlyMap<string, ContractName>;
  /** Portfolio -> its rows, in the order of its positions. */
  rows: ReadonlyMap<string, readonly PositionRow[]>;
}

/** What the rows are made from stands beside them: what it says is in the rows. */
class PositionsState {
  readonly #from: RowsFrom;

  constructor(
    readonly list: OwnedList<PositionRow>,
    from: RowsFrom,
  ) {
    this.#from = from;
  }

  get from() {
    return this.#from;
  }
}

const of: Owned<PositionRow> = {
  key: ({ id }) => id,
  owner: ({ userId }) => userId,
  differ: (one, other) => one.price !== other.price || one.pricedAt !== other.pricedAt,
};

/** Positions, one row each, from the book that the panel `portfolios` has loaded: a quote makes new rows of its positions only. */
@Injectable()
export class PositionsPanel extends SnapshotPanel<PositionsState> {
  readonly name = 'positions';
  readonly topics: readonly (PortfolioBooks['topics'][number] | 'instruments')[];
  readonly schema = schema;
  override readonly onlyByName = true;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  private readonly totals = beside<readonly PositionRow[], PositionTotals>();

  constructor(
    private readonly books: PortfolioBooks,
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
      return wholeState(previous, book, names);
    }
    const before = previous.from;
    if (before.book === book) return previous;
    let { names } = before;
    if (book.holders.byContract !== before.book.holders.byContract) {
      const unknown = [...book.holders.byContract.keys()].filter((key) => !before.book.holders.byContract.has(key));
      names = new Map([...names, ...(await this.namesOf(unknown))]);
    }
    const ids = changedBetween(before.book, book);
    if (ids === undefined) return wholeState(previous, book, names);
    const { rows, gone, fresh } = changedRows(before, book, ids, names);
    const moves = new Moves();
    const list = replaceItems(previous.list, gone, fresh, of, (old, now) => moves.add(old, now));
    this.moveTotals(previous.list, list, moves);
    return new PositionsState(list, { book, names, rows });
  }

  override partsOf({ from: { book } }: PositionsState): number {
    return this.books.partsOf(book);
  }

  override async isCurrent({ list, from }: PositionsState, loaded: ReadonlyMap<string, object>): Promise<boolean> {
    const { book } = loaded.get('portfolios') as PortfoliosState;
    if (from.book !== book) return false;
    const anew = this.books.valuedAgain(book).filter(({ row }) => book.kept.has(row.portfolioId));
    const names = await this.namesOf([...new Set(anew.flatMap(({ contracts }) => contracts))]);
    const rows = anew.flatMap((worth) => rowsOf(worth, names)).sort((one, other) => (one.id < other.id ? -1 : 1));
    const ids = new Set(anew.map(({ row }) => row.portfolioId));
    return isDeepStrictEqual(
      list.all.filter(({ portfolioId: id }) => ids.has(id)),
      rows,
    );
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
    const rest = { hidden: hiddenFrom(state, viewer), totals: this.totalsOf(kept).shown };
    return windowOf(rows, of.key, bounds, rest, ({ text }) => text);
  }

  /** The totals of all rows, once they were asked for, are those of the rows before with what has changed. */
  private totalsOf(rows: readonly PositionRow[]): PositionTotals {
    let known = this.totals.get(rows);
    if (known === undefined) this.totals.set(rows, (known = PositionTotals.EMPTY.moved([], rows)));
    return known;
  }

  /** Costs what has changed: totals that nobody asked for are not moved. */
  private moveTotals(before: OwnedList<PositionRow>, after: OwnedList<PositionRow>, moves: Moves): void {
    this.follow(before.all, after.all, moves.all);
    for (const [owner, ofOwner] of moves.byOwner)
      this.follow(before.byOwner.get(owner), after.byOwner.get(owner), ofOwner);
  }

  private follow(
    from: readonly PositionRow[] | undefined,
    to: readonly PositionRow[] | undefined,
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

const NOTHING: readonly PositionRow[] = [];
/** Rows that are made without a pause: about 4 ms. */
const AT_ONCE = 1_000;

function itemsFor({ list }: PositionsState, viewer: Viewer): readonly PositionRow[] {
  return viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? NOTHING);
}

function hiddenFrom({ from: { book } }: PositionsState, viewer: Viewer): number {
  if (!viewer.operator) return book.others.get(viewer.userId) ?? 0;
  return [...book.others.values()].reduce((sum, contracts) => sum + contracts, 0);
}

/** Rows are in the order of their ids, which begin with the portfolio, so its rows are neighbours. */
function ofPortfolio(rows: readonly PositionRow[], id: string): readonly PositionRow[] {
  const begin = rows.findIndex((row) => row.portfolioId === id);
  if (begin < 0) return NOTHING;
  const end = rows.findIndex((row, at) => at > begin && row.portfolioId !== id);
  return rows.slice(begin, end < 0 ? rows.length : end);
}

async function wholeState(
  previous: PositionsState | undefined,
  book: PortfolioBook,
  names: ReadonlyMap<string, ContractName>,
): Promise<PositionsState> {
  const rows = new Map<string, readonly PositionRow[]>();
  const all: PositionRow[] = [];
  let made = 0;
  for (const [id, worth] of book.kept) {
    const mine = rowsOf(worth, names);
    rows.set(id, mine);
    for (const row of mine) all.push(row);
    made += mine.length;
    if (made < AT_ONCE) continue;
    made = 0;
    await pause();
  }
  return new PositionsState(await ownedList(all, of, previous?.list), { book, names, rows });
}

/** Rows of portfolios that differ between two books. A position that a quote has moved takes its figures into the row of before. */
function changedRows(
  before: RowsFrom,
  book: PortfolioBook,
  ids: ReadonlySet<string>,
  names: ReadonlyMap<string, ContractName>,
): { rows: RowsFrom['rows']; gone: Set<string>; fresh: PositionRow[] } {
  const rows = new Copied(before.rows);
  const gone = new Set<string>();
  const fresh: PositionRow[] = [];
  for (const id of ids) {
    const [old, now, known] = [before.book.kept.get(id), book.kept.get(id), rows.current.get(id)];
    if (now === old) continue;
    if (now === undefined || known === undefined || old?.row !== now.row) {
      for (const { id: key } of known ?? NOTHING) gone.add(key);
      if (now === undefined) rows.written.delete(id);
      else {
        const made = rowsOf(now, names);
        rows.written.set(id, made);
        for (const row of made) fresh.push(row);
      }
      continue;
    }
    const mine = known.slice();
    for (let at = 0; at < mine.length; at++) {
      const position = now.positions[at]!;
      if (position === old.positions[at]) continue;
      const row =
        position instanceof MovedPosition ? known[at]!.movedTo(position) : PositionRow.of(now, position, names);
      fresh.push((mine[at] = row));
    }
    rows.written.set(id, mine);
  }
  return { rows: rows.current, gone, fresh };
}

function rowsOf(worth: KeptWorth, names: ReadonlyMap<string, ContractName>): PositionRow[] {
  return worth.positions.map((position) => PositionRow.of(worth, position, names));
}
