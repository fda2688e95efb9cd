import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { beside, type PanelChanges } from '#panels';
import type { PortfolioSummary } from '../portfolio.dto.js';
import { PortfolioValuesService } from '../portfolio-values.service.js';
import type { PortfolioWorth } from '../portfolio-worth.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { PortfoliosRepository } from '../portfolios.repository.js';
import { ChangedQuotes } from '../quotes/changed-quotes.js';
import { currencyUnit } from '../valuation/currencies.js';
import { BookLimits } from './book-limits.js';
import { BookDraft } from './book-draft.js';
import { groupsOf, keptContractsMax } from './kept-portfolios.js';
import { changedFrom, type PortfolioBook } from './portfolio-book.js';

/** A change of these can move every portfolio. */
const OF_ALL = ['adjustments', 'venues'] as const;

/**
 * Keeps the portfolios of the desk valued in memory: a quote revalues the positions in its contract and nothing else, and a new
 * moment the portfolios whose session day ends with it or with a price that becomes stale.
 */
@Injectable()
export class PortfolioBooks {
  /** Changes of these topics change a book. */
  readonly topics = ['portfolios', 'quotes', 'quote-marks', 'rates', 'moment', ...OF_ALL] as const;

  private readonly limits: BookLimits;
  private readonly max: number;
  private readonly again = beside<PortfolioBook, readonly PortfolioWorth[]>();

  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    private readonly quotes: ChangedQuotes,
    @Inject(portfoliosConfig.token) config: PortfoliosConfig,
  ) {
    this.limits = new BookLimits(values);
    this.max = keptContractsMax(config.keptHeapPercent);
  }

  /** Loads the book at the open snapshot, or updates `previous` by the changes; returns `previous` itself if nothing concerns it. */
  async load(changes: PanelChanges | undefined, previous: PortfolioBook | undefined): Promise<PortfolioBook> {
    if (changes === undefined || previous === undefined || OF_ALL.some((topic) => changes.has(topic)))
      return this.whole();
    const calendars = this.values.calendarsNow;
    // Corrected days reach the calendars after the change feed has told of them.
    if (calendars !== previous.calendars) return this.whole();
    const moment = changes.has('moment') ? await this.values.moment() : previous.moment;
    const sameRates = !changes.has('rates') && !previous.rates.changesAt(moment);
    const rates = sameRates ? previous.rates : await this.values.rateTableAt(moment);
    const draft = new BookDraft(this.limits, this.max, previous);

    const sent = changes.get('portfolios') ?? new Set<string>();
    const stored = sent.size === 0 ? [] : await this.portfolios.sizes([...sent]);
    const owners = draft.replace(sent, stored);
    const reread = new Set(stored.map(({ id }) => id));
    for (const owner of owners) for (const id of draft.select(owner)) reread.add(id);
    if (moment !== previous.moment)
      for (const id of this.limits.changedAt(moment, previous)) if (!sent.has(id)) reread.add(id);

    const [quoted, marked] = [changes.get('quotes') ?? NONE, changes.get('quote-marks') ?? NONE];
    const contracts = marked.size === 0 ? quoted : new Set([...quoted, ...marked]);
    const moved = new Set<string>();
    for (const contract of contracts) {
      for (const id of draft.holdersOf(contract)) moved.add(id);
      for (const id of draft.otherHoldersOf(contract)) reread.add(id);
    }
    if (rates !== previous.rates)
      for (const [id, summary] of previous.summaries)
        if (isConverted(summary)) (draft.keeps(id) ? moved : reread).add(id);
    for (const id of reread) moved.delete(id);

    const worths = [...moved].map((id) => draft.worthOf(id));
    if (worths.length > 0) {
      const [latest, ofMarked] = [await this.quotes.of(quoted), await this.quotes.of(marked)];
      const changed = { quoted, marked, latest: marked.size === 0 ? latest : new Map([...latest, ...ofMarked]) };
      draft.put(await this.values.revalue(worths, changed, rates, moment), moment);
    }
    if (reread.size > 0) {
      const facts = await this.values.factsAt(moment, rates);
      for (const ids of groupsOf(await this.portfolios.sizes([...reread])))
        draft.put(await this.values.value(await this.portfolios.rows({ ids }), 'now', facts), moment);
    }

    const ids = new Set([...sent, ...reread, ...moved, ...draft.dropped]);
    if (ids.size === 0 && rates === previous.rates && moment === previous.moment) return previous;
    return changedFrom(previous, draft.book(rates, moment, calendars), ids);
  }

  /** In how many parts `valueAgain` takes a book: groups of portfolios of some 1,000 positions. */
  partsOf({ sizes }: PortfolioBook): number {
    return Math.max(1, groupsOf([...sizes.values()].flat()).length);
  }

  /** Reads a part of the portfolios at the open snapshot and values them, to be compared with the book. */
  async valueAgain(book: PortfolioBook, part: number): Promise<readonly PortfolioWorth[]> {
    const ids = groupsOf([...book.sizes.values()].flat())[part] ?? [];
    const facts = await this.values.factsAt(book.moment, book.rates);
    const worths = await this.values.value(await this.portfolios.rows({ ids }), 'now', facts);
    this.again.set(book, worths);
    return worths;
  }

  /** What `valueAgain` has just made of a book, for the panel of positions. */
  valuedAgain(book: PortfolioBook): readonly PortfolioWorth[] {
    return this.again.get(book) ?? [];
  }

  /** Whether a book has the portfolios, the rates and the moment of the open snapshot. */
  async isOfNow({ sizes, rates, moment }: PortfolioBook): Promise<boolean> {
    const [now, stored] = [await this.values.moment(), await this.portfolios.sizes()];
    const known = [...sizes.values()].flat().sort((one, other) => (one.id < other.id ? -1 : 1));
    return (
      now === moment && isDeepStrictEqual(known, stored) && isDeepStrictEqual(rates, await this.values.rateTableAt(now))
    );
  }

  private async whole(): Promise<PortfolioBook> {
    const moment = await this.values.moment();
    const rates = await this.values.rateTableAt(moment);
    const calendars = this.values.calendarsNow;
    const draft = new BookDraft(this.limits, this.max);
    const sizes = await this.portfolios.sizes();
    for (const owner of draft.replace(new Set(), sizes)) draft.select(owner);
    const facts = await this.values.factsAt(moment, rates);
    for (const ids of groupsOf(sizes))
      draft.put(await this.values.value(await this.portfolios.rows({ ids }), 'now', facts), moment);
    return draft.book(rates, moment, calendars);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** A rate moves only portfolios with money in another currency than their own. */
function isConverted({ currency, byCurrency }: PortfolioSummary): boolean {
  return byCurrency.some((row) => row.currency !== currencyUnit(currency).major);
}
