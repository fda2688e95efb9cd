import { Injectable } from '@nestjs/common';
import type { PanelChanges } from '#panels';
import { PortfolioValuesService, type PortfolioWorth } from '../portfolio-values.service.js';
import { PortfoliosRepository } from '../portfolios.repository.js';
import { type QuotedContract, quotedContract } from '../quotes/quoted-contract.js';
import { currencyUnit } from '../valuation/currencies.js';
import type { RateTable } from '../valuation/rate-table.js';

/** All open portfolios at one snapshot of the database, valued. Immutable; what did not change is shared with the book before. */
export interface PortfolioBook {
  readonly worths: ReadonlyMap<string, PortfolioWorth>;
  /** `broker key` of a contract, as the change feed names it -> ids of the portfolios that hold it. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly rates: RateTable;
  /** The desk's moment, ms since 1970. */
  readonly moment: number;
}

/** A change of these can move every portfolio. */
const OF_ALL = ['adjustments', 'moment', 'venues'] as const;

/** Which portfolios differ from an earlier book. Beside the book, because it is no part of what the book says. */
const steps = new WeakMap<PortfolioBook, { since: WeakRef<PortfolioBook>; ids: ReadonlySet<string> }>();

/** Keeps the open portfolios of the desk valued in memory: a quote revalues the positions in its contract and nothing else. */
@Injectable()
export class PortfolioBooks {
  /** Changes of these topics change a book. */
  readonly topics = ['portfolios', 'quotes', 'rates', ...OF_ALL] as const;

  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
  ) {}

  /** Loads the book at the open snapshot, or updates `previous` by the changes; returns `previous` itself if nothing concerns it. */
  async load(changes: PanelChanges | undefined, previous: PortfolioBook | undefined): Promise<PortfolioBook> {
    if (changes === undefined || previous === undefined || OF_ALL.some((topic) => changes.has(topic)))
      return this.whole();
    const loaded = [...(changes.get('portfolios') ?? [])];
    const fresh =
      loaded.length === 0 ? [] : await this.values.value(await this.portfolios.rows({ ids: loaded, closed: false }));
    const worths = new Map(previous.worths);
    for (const id of loaded) worths.delete(id);
    for (const worth of fresh) worths.set(worth.row.portfolioId, worth);

    const { moment } = previous;
    const rates = changes.has('rates') ? await this.values.rateTableAt(moment) : previous.rates;
    const quoted = [...(changes.get('quotes') ?? [])].filter((key) => previous.holders.has(key));
    const moved = new Set(quoted.flatMap((key) => previous.holders.get(key)!));
    if (rates !== previous.rates)
      for (const worth of previous.worths.values()) if (isConverted(worth)) moved.add(worth.row.portfolioId);
    for (const id of loaded) moved.delete(id);
    const before = [...moved].map((id) => worths.get(id)!);
    const contracts = quoted.map(quotedContract);
    for (const worth of before.length === 0 ? [] : await this.values.revalue(before, contracts, rates, moment))
      worths.set(worth.row.portfolioId, worth);

    if (loaded.length === 0 && moved.size === 0 && rates === previous.rates) return previous;
    const holders = loaded.length === 0 ? previous.holders : holdersAfter(previous, loaded, fresh);
    const book = { worths, holders, rates, moment };
    steps.set(book, { since: new WeakRef(previous), ids: new Set([...loaded, ...moved]) });
    return book;
  }

  private async whole(): Promise<PortfolioBook> {
    const moment = await this.values.moment();
    const rates = await this.values.rateTableAt(moment);
    const valued = await this.values.value(await this.portfolios.rows({ closed: false }));
    const worths = new Map(valued.map((worth) => [worth.row.portfolioId, worth]));
    const holders = new Map<string, string[]>();
    for (const worth of valued)
      for (const key of contractsIn(worth)) {
        const known = holders.get(key);
        if (known === undefined) holders.set(key, [worth.row.portfolioId]);
        else known.push(worth.row.portfolioId);
      }
    return { worths, holders, rates, moment };
  }
}

/** The portfolios that differ between two books, gone ones included; undefined if any may. */
export function changedBetween(
  before: PortfolioBook | undefined,
  after: PortfolioBook,
): ReadonlySet<string> | undefined {
  const step = steps.get(after);
  return step !== undefined && step.since.deref() === before ? step.ids : undefined;
}

function holdersAfter(
  { holders, worths }: PortfolioBook,
  ids: readonly string[],
  fresh: readonly PortfolioWorth[],
): Map<string, readonly string[]> {
  const next = new Map(holders);
  for (const id of ids) {
    const before = worths.get(id);
    if (before === undefined) continue;
    for (const key of contractsIn(before)) {
      const others = next.get(key)!.filter((holder) => holder !== id);
      if (others.length > 0) next.set(key, others);
      else next.delete(key);
    }
  }
  for (const worth of fresh)
    for (const key of contractsIn(worth)) next.set(key, [...(next.get(key) ?? []), worth.row.portfolioId]);
  return next;
}

/** A rate moves only portfolios with money in another currency than their own. */
function isConverted({ row, valued }: PortfolioWorth): boolean {
  return valued.byCurrency.some(({ currency }) => currency !== currencyUnit(row.currency).major);
}

/** Each contract once: a portfolio may hold several legs of one. */
function contractsIn({ row: { broker, positions } }: PortfolioWorth): Set<QuotedContract['name']> {
  return new Set(positions.map(({ key }) => `${broker} ${key}`));
}
