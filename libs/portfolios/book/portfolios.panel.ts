import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { brokerName } from '#text';
import {
  beside,
  onceForRows,
  type Owned,
  ownedList,
  ownerKey,
  type PanelChanges,
  replaceItems,
  RowWindow,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { baseView, currencyAmounts, portfolioSummary, type PortfolioSummary } from '../portfolio.dto.js';
import { shownAmounts, shownBase, summaryOf } from '../portfolio-views.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { portfolioRow, portfolioRowOf, type PortfolioRowView } from './portfolio-row.js';
import { changedBetween, standInOf } from './portfolio-book.js';
import { PortfolioBooks } from './portfolio-books.service.js';
import { PortfoliosState } from './portfolios-state.js';
import { SORT_FIGURES, sortedBy } from './figure-order.js';
import { amountsOf } from './summary-amounts.js';
import { type CurrencyTotal, CurrencyTotals } from '../valuation/currency-totals.js';
import type { RateTable } from '../valuation/rate-table.js';

const totals = z.array(currencyAmounts.extend({ portfolios: z.int() }));
const SORTS = ['portfolioId', ...SORT_FIGURES] as const;
const schema = z.object({
  items: z.array(portfolioSummary).describe('in the order of portfolioId; operators see all, others their own'),
  totals: totals.describe(
    "of the items, one a currency of their positions and cash; the sums of the items' `byCurrency`",
  ),
  base: baseView.nullable().describe('the totals in the base currency of the desk; null if it has none'),
});
export type PortfoliosView = z.output<typeof schema>;

const parameters = z.strictObject({
  currency: z.string().max(12).optional().describe('Currency of the portfolio'),
  broker: brokerName.optional(),
  sort: z
    .enum(SORTS, { error: SORTS.join(', ') })
    .default('portfolioId')
    .describe('Unknown figures come last'),
  ...windowParameters,
});
const windowed = windowSchema(portfolioRow, {
  totals: totals.describe('As in the list form, of all rows of these parameters, with and without the window'),
  base: baseView.nullable(),
});
publishSchemas({
  PortfoliosPanel: schema,
  PortfoliosPanelParameters: parameters,
  PortfoliosPanelWindow: windowed,
  PortfoliosTotal: totals.element,
});

const of: Owned<PortfolioSummary> = { key: (item) => item.portfolioId, owner: (item) => item.userId };

/**
 * Portfolios and their totals. Values are derived when a portfolio, one of its quotes or something common to all changed. The
 * totals are always summed from the shown items.
 */
@Injectable()
export class PortfoliosPanel extends SnapshotPanel<PortfoliosState, PortfoliosView> {
  readonly name = 'portfolios';
  readonly topics: PortfolioBooks['topics'];
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;
  /** Of lists of items, with the stand-in of the rates that they were converted by. */
  private readonly sums = beside<readonly PortfolioSummary[], { rates: object; sums: PortfolioSums }>();

  constructor(
    private readonly books: PortfolioBooks,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {
    super();
    this.topics = books.topics;
  }

  async load(changes: PanelChanges | undefined, previous: PortfoliosState | undefined): Promise<PortfoliosState> {
    const book = await this.books.load(changes, previous?.book);
    if (book === previous?.book) return previous;
    const ids = previous && changedBetween(previous.book, book);
    const list =
      ids === undefined
        ? await ownedList([...book.summaries.values()], of, previous?.list)
        : replaceItems(
            previous!.list,
            ids,
            [...ids].flatMap((id) => book.summaries.get(id) ?? []),
            of,
          );
    return new PortfoliosState(list, book.rates, book);
  }

  override partsOf({ book }: PortfoliosState): number {
    return this.books.partsOf(book);
  }

  override async isCurrent({ list, book }: PortfoliosState, _loaded: unknown, part: number): Promise<boolean> {
    if (part === 0 && !(await this.books.isOfNow(book))) return false;
    const anew = new Map((await this.books.valueAgain(book, part)).map((worth) => [worth.row.portfolioId, worth]));
    const kept = list.all.filter(({ portfolioId }) => anew.has(portfolioId));
    return isDeepStrictEqual(kept, [...anew.values()].map(summaryOf).sort(byId));
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view(state: PortfoliosState, viewer: Viewer): PortfoliosView {
    const items = itemsFor(state, viewer);
    return { items: items as PortfolioSummary[], ...this.sumsOf(items, state.rates) };
  }

  override window(state: PortfoliosState, viewer: Viewer, chosen: z.output<typeof parameters>) {
    const { currency, broker, sort, ...bounds } = chosen;
    const all = itemsFor(state, viewer);
    const kept =
      currency === undefined && broker === undefined
        ? all
        : onceForRows(all, `${currency} ${broker}`, () =>
            all.filter(
              (item) =>
                (currency === undefined || item.currency === currency) &&
                (broker === undefined || item.broker === broker),
            ),
          );
    const rows = sort === 'portfolioId' ? kept : onceForRows(kept, sort, () => sortedBy(kept, sort));
    const { rows: shown, rest } = windowOf(rows, of.key, bounds, { ...this.sumsOf(kept, state.rates) });
    return new RowWindow<PortfolioRowView>(shown.map(portfolioRowOf), ({ portfolioId }) => portfolioId, rest);
  }

  private sumsOf(items: readonly PortfolioSummary[], rates: RateTable): PortfolioSums {
    const known = this.sums.get(items);
    if (known?.rates === standInOf(rates)) return known.sums;
    const list = totalsOf(items);
    const { baseCurrency } = this.config;
    const sums = {
      totals: list.map((total) => ({ ...shownAmounts(total), portfolios: total.portfolios })),
      base: baseCurrency === undefined ? null : shownBase(list, baseCurrency, rates),
    };
    this.sums.set(items, { rates: standInOf(rates), sums });
    return sums;
  }
}

type PortfolioSums = Pick<PortfoliosView, 'totals' | 'base'>;

function byId(one: PortfolioSummary, other: PortfolioSummary): number {
  return one.portfolioId < other.portfolioId ? -1 : 1;
}

function itemsFor({ list }: PortfoliosState, viewer: Viewer): readonly PortfolioSummary[] {
  return viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? NOTHING);
}

const NOTHING: readonly PortfolioSummary[] = [];

function totalsOf(items: readonly PortfolioSummary[]): CurrencyTotal[] {
  const totals = new CurrencyTotals();
  for (const item of items) totals.add(amountsOf(item));
  return totals.list();
}
