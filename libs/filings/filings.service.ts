import { Injectable } from '@nestjs/common';
import { ReadSnapshot } from '#database';
import { pageFrom } from '#http';
import { canonicalTicker } from '#forms';
import { baseFormOf, isAmendmentForm, paddedCik } from './edgar/accession.js';
import { BudgetRepository } from './summaries/budget.repository.js';
import {
  type FilingAnswer,
  filingOrder,
  type FilingsPage,
  type FilingsQuery,
  type TickersAnswer,
  type TickersQuery,
  type UsageAnswer,
  type UsageQuery,
} from './filing.dto.js';
import { filingNotFound } from './filings.errors.js';
import { type FilingFilter, FilingsReadRepository, type FilingView } from './filings-read.repository.js';
import { SummaryBudget } from './summaries/summary-budget.js';
import { dollarsOf } from './summaries/summary-price.js';
import { NO_PROVIDER, SummaryProvider } from './summaries/summary-provider.js';
import { FilerTickers } from './tickers/filer-tickers.service.js';

/** Periods that one answer lists. A ticker has had a handful of filers. */
const MAX_PERIODS = 200;

/** Filings as the API shows them. */
@Injectable()
export class FilingsService {
  constructor(
    private readonly filings: FilingsReadRepository,
    private readonly budgets: BudgetRepository,
    private readonly budget: SummaryBudget,
    private readonly provider: SummaryProvider,
    private readonly tickers: FilerTickers,
  ) {}

  /** Lists filings. May come from the replica. */
  @ReadSnapshot({ mayBeStale: ['filings', 'filing_summaries', 'filer_tickers'] })
  async list(query: FilingsQuery): Promise<FilingsPage> {
    const { form, amendments, cik, ticker, from, to, sort, limit, cursor } = query;
    const found = await this.filings.page(
      {
        forms: form?.filter((each) => !isAmendmentForm(each)).map(baseFormOf),
        amended: form?.filter(isAmendmentForm).map(baseFormOf),
        amendments,
        ciks: cik?.map(paddedCik),
        ...(ticker && (await this.heldBy(ticker.map(canonicalTicker)))),
        ...{ from, to },
        ...{ sort, after: cursor, limit: limit + 1 },
      },
      this.key,
    );
    return pageFrom(
      found,
      limit,
      ({ filedAt, accession }) => filingOrder.keyOf(sort, accession, { filedAt: filedAt.toISOString() }),
      (view) => this.answerOf(view),
    );
  }

  /** @throws DomainError FILINGS_NOT_FOUND */
  async find(accession: string): Promise<FilingAnswer> {
    const view = await this.filings.find(accession, this.key);
    if (view === undefined) throw filingNotFound(accession);
    return this.answerOf(view);
  }

  /** Lists who has and had a ticker, or which tickers a filer has and had, and the loads of ticker files. */
  @ReadSnapshot()
  async tickerPeriods({ ticker, cik }: TickersQuery): Promise<TickersAnswer> {
    const by =
      ticker !== undefined
        ? { tickers: [canonicalTicker(ticker)] }
        : cik !== undefined
          ? { cik: paddedCik(cik) }
          : null;
    const items = by === null ? [] : await this.tickers.periods(by, MAX_PERIODS);
    const sources = await this.tickers.loads();
    return { items, sources: sources.map((load) => ({ ...load, loadedAt: load.loadedAt.toISOString() })) };
  }

  /** Reports tokens, cost and requests of a month. */
  @ReadSnapshot()
  async usage({ month: wanted }: UsageQuery): Promise<UsageAnswer> {
    const month = wanted === undefined ? this.budget.month : `${wanted}-01`;
    const found = month === this.budget.month ? await this.budget.current() : await this.budgets.find(month);
    const models = (await this.budgets.usage(month)).map(({ costMicros, tokensIn, tokensOut, ...rest }) => ({
      ...rest,
      tokensIn: Number(tokensIn),
      tokensOut: Number(tokensOut),
      costMicros: BigInt(costMicros),
    }));
    const sum = (of: 'tokensIn' | 'tokensOut' | 'unpriced') => models.reduce((total, model) => total + model[of], 0);
    const { summarizer, price } = this.provider;
    return {
      month: month.slice(0, 7),
      provider: summarizer?.provider ?? 'none',
      model: summarizer?.model ?? null,
      priceKnown: price !== null,
      budget: {
        limitUsd: dollarsOf(this.budget.limitMicros),
        spentUsd: dollarsOf(found?.spentMicros ?? 0n),
        reservedUsd: dollarsOf(found?.reservedMicros ?? 0n),
        leftUsd: dollarsOf(found ? this.budget.leftMicros(found) : this.budget.limitMicros),
        exhaustedAt: found?.exhaustedAt?.toISOString() ?? null,
        notMade: Number(found?.refused ?? 0),
      },
      asks: { hits: Number(found?.hits ?? 0), misses: Number(found?.misses ?? 0), shared: Number(found?.shared ?? 0) },
      tokens: { in: sum('tokensIn'), out: sum('tokensOut') },
      costUsd: dollarsOf(models.reduce((total, { costMicros }) => total + costMicros, 0n)),
      unpricedCalls: sum('unpriced'),
      models: models.map(({ costMicros, ...model }) => ({ ...model, costUsd: dollarsOf(costMicros) })),
    };
  }

  private async heldBy(tickers: readonly string[]): Promise<Pick<FilingFilter, 'held'>> {
    return { held: { tickers, holders: await this.tickers.periods({ tickers }, MAX_PERIODS) } };
  }

  private get key(): { promptVersion: string; model?: string } {
    const { promptVersion, summarizer } = this.provider;
    return { promptVersion, ...(summarizer && { model: summarizer.model }) };
  }

  private answerOf(view: FilingView): FilingAnswer {
    const { state, stored: _stored, filedAt, ...rest } = view;
    return { ...rest, filedAt: filedAt.toISOString(), amendment: state, summary: this.summaryOf(view) };
  }

  private summaryOf({ stored, baseForm }: FilingView): FilingAnswer['summary'] {
    const { summarizer } = this.provider;
    if (stored !== null && (summarizer !== null || stored.state === 'done')) {
      const { summary: text, madeAt, ...rest } = stored;
      return { ...rest, text, madeAt: madeAt === null ? null : new Date(madeAt).toISOString() };
    }
    const reason =
      summarizer === null
        ? NO_PROVIDER
        : this.provider.wants(baseForm)
          ? 'registered before there was a provider, or held by its feed before the feed was added'
          : `form ${baseForm} is not summarised`;
    return {
      state: 'none',
      reason,
      text: null,
      truncated: false,
      provider: null,
      model: null,
      promptVersion: null,
      invalidatedBy: stored?.invalidatedBy ?? null,
      madeAt: null,
    };
  }
}
