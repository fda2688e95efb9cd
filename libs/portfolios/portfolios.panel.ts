import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Decimal } from '#decimal';
import {
  type Owned,
  ownedList,
  type OwnedList,
  ownerKey,
  type PanelChanges,
  replaceItems,
  SnapshotPanel,
  type Viewer,
} from '#panels';
import { baseView, currencyAmounts, portfolioSummary, type PortfolioSummary } from './portfolio.dto.js';
import { shownAmounts, shownBase, summaryOf } from './portfolio-views.js';
import { PortfolioValuesService } from './portfolio-values.service.js';
import { portfoliosConfig, type PortfoliosConfig } from './portfolios.config.js';
import { type ContractKey, PortfoliosRepository } from './portfolios.repository.js';
import { Amount } from './valuation/amount.js';
import { currencyUnit } from './valuation/currencies.js';
import type { CurrencyAmounts } from './valuation/conversion.js';
import { type CurrencyTotal, CurrencyTotals } from './valuation/currency-totals.js';
import type { RateTable } from './valuation/rate-table.js';

const schema = z.object({
  items: z.array(portfolioSummary).describe('in the order of portfolioId; operators see all, others their own'),
  totals: z
    .array(currencyAmounts.extend({ portfolios: z.int() }))
    .describe("of the items, one a currency of their positions and cash; the sums of the items' `byCurrency`"),
  base: baseView.nullable().describe('the totals in the base currency of the desk; null if it has none'),
});
export type PortfoliosView = z.output<typeof schema>;

interface State {
  list: OwnedList<PortfolioSummary>;
  /** Another object only if a rate or the moment changed. */
  rates: RateTable;
}

const of: Owned<PortfolioSummary> = { key: (item) => item.portfolioId, owner: (item) => item.userId };
/** Changes of these can move every portfolio. */
const OF_ALL = ['adjustments', 'moment', 'venues'] as const;

/**
 * Portfolios and their totals. Values are derived when a portfolio, one of its quotes or something common to all changed. The
 * totals are always summed from the shown items.
 */
@Injectable()
export class PortfoliosPanel extends SnapshotPanel<State, PortfoliosView> {
  readonly name = 'portfolios';
  readonly topics = ['portfolios', 'quotes', 'rates', ...OF_ALL] as const;
  readonly schema = schema;
  private readonly views = new WeakMap<RateTable, WeakMap<readonly PortfolioSummary[], PortfoliosView>>();

  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {
    super();
  }

  async load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State> {
    if (changes === undefined || previous === undefined || OF_ALL.some((topic) => changes.has(topic))) {
      const rates = await this.values.rateTable();
      const items = await this.summaries();
      if (previous === undefined) return { list: ownedList(items, of), rates };
      const keys = new Set([...previous.list.all, ...items].map(of.key));
      return { list: replaceItems(previous.list, keys, items, of), rates };
    }
    const ids = new Set(changes.get('portfolios'));
    const quoted = changes.get('quotes');
    if (quoted !== undefined)
      for (const id of await this.portfolios.holdersOf([...quoted].map(contractOf))) ids.add(id);
    const rates = changes.has('rates') ? await this.values.rateTable() : previous.rates;
    // A rate moves only portfolios with money in another currency than their own.
    if (rates !== previous.rates)
      for (const item of previous.list.all) if (isConverted(item)) ids.add(item.portfolioId);
    const list = ids.size === 0 ? previous.list : replaceItems(previous.list, ids, await this.summaries([...ids]), of);
    return list === previous.list && rates === previous.rates ? previous : { list, rates };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view({ list, rates }: State, viewer: Viewer): PortfoliosView {
    const items = viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? NOTHING);
    let views = this.views.get(rates);
    if (views === undefined) this.views.set(rates, (views = new WeakMap()));
    let view = views.get(items);
    if (view === undefined) {
      const totals = totalsOf(items);
      const { baseCurrency } = this.config;
      view = {
        items: items as PortfolioSummary[],
        totals: totals.map((total) => ({ ...shownAmounts(total), portfolios: total.portfolios })),
        base: baseCurrency === undefined ? null : shownBase(totals, baseCurrency, rates),
      };
      views.set(items, view);
    }
    return view;
  }

  private async summaries(ids?: readonly string[]): Promise<PortfolioSummary[]> {
    const rows = await this.portfolios.rows({ ids });
    return (await this.values.value(rows)).map(summaryOf);
  }
}

const NOTHING: readonly PortfolioSummary[] = [];

function isConverted({ currency, byCurrency }: PortfolioSummary): boolean {
  return byCurrency.some((row) => row.currency !== currencyUnit(currency).major);
}

/** The key of a quote in the change feed: broker, a blank, and the broker's key of the contract. */
function contractOf(key: string): ContractKey {
  const blank = key.indexOf(' ');
  return { broker: key.slice(0, blank), key: key.slice(blank + 1) };
}

// Parsed once per item and not once per tick: 10,000 portfolios are summed in 2 ms instead of 9.
const amounts = new WeakMap<PortfolioSummary, CurrencyAmounts[]>();
const exact = (text: string) => Amount.of(Decimal.parse(text));

function amountsOf(item: PortfolioSummary): CurrencyAmounts[] {
  let read = amounts.get(item);
  if (read === undefined) {
    read = item.byCurrency.map(({ currency, cash, value, dayPnl, known }) => ({
      currency,
      cash: exact(cash),
      value: value === null ? null : exact(value),
      dayPnl: dayPnl === null ? null : exact(dayPnl),
      known: { value: exact(known.value), dayPnl: exact(known.dayPnl) },
    }));
    amounts.set(item, read);
  }
  return read;
}

function totalsOf(items: readonly PortfolioSummary[]): CurrencyTotal[] {
  const totals = new CurrencyTotals();
  for (const item of items) totals.add(amountsOf(item));
  return totals.list();
}
