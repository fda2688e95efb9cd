import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { type Page, pageFrom } from '#http';
import { Quotas } from '#quotas';
import { Clock, utcTime } from '#time';
import { latestOfEach } from '../latest-of-each.js';
import { MarksRepository } from '../marks.repository.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { aheadOfTime, tooManyQuotes } from '../portfolios.errors.js';
import { PricingLocksRepository } from '../pricing-locks.repository.js';
import type { ListQuotes, Quote, QuotesPosted, QuoteView } from './quote.dto.js';
import { QuotesRepository } from './quotes.repository.js';
import { aheadIssues } from '../snapshot-checks.js';

/** Stores quotes and marks the portfolios that hold them, in one transaction. */
@Injectable()
export class QuotesService {
  constructor(
    private readonly quotes: QuotesRepository,
    private readonly marks: MarksRepository,
    private readonly locks: PricingLocksRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly quotas: Quotas,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric('portfolios_quotes_total') private readonly received: Counter<'status'>,
    @InjectMetric('portfolios_marks_total') private readonly marked: Counter,
  ) {}

  /** @throws DomainError REQUEST_INVALID naming each asOf that lies in the future, PORTFOLIOS_TOO_MANY_QUOTES */
  async post(quotes: readonly Quote[]): Promise<QuotesPosted> {
    const ahead = aheadIssues(
      quotes,
      (index) => `quotes[${index}].asOf`,
      this.clock.now().getTime(),
      this.config.aheadToleranceMs,
    );
    if (ahead.length > 0) throw aheadOfTime(ahead);
    const latest = latestOfEach(
      quotes.map((quote) => ({ ...quote, asOf: utcTime(quote.asOf) })),
      ({ broker, key }) => `${broker} ${key}`,
    );
    const { stored, marked } = await this.transactions.atomic(() => this.write(latest));
    const stale = quotes.length - stored;
    this.received.inc({ status: 'stored' }, stored);
    this.received.inc({ status: 'stale' }, stale);
    this.marked.inc(marked);
    return { stored, stale, marked };
  }

  async list(query: ListQuotes): Promise<Page<QuoteView>> {
    const keys = query.key === undefined ? null : [query.key].flat();
    const rows = await this.quotes.list(query.broker, keys, query.cursor ?? null, query.limit + 1);
    return pageFrom(rows, query.limit, ({ key }) => key);
  }

  private async write(latest: readonly Quote[]): Promise<{ stored: number; marked: number }> {
    await this.locks.take([...new Set(latest.map(({ broker }) => broker))]);
    const stored = await this.quotes.store(latest);
    if (stored.some(({ added }) => added > 0))
      await this.quotas.keep({
        name: 'quotes',
        owner: null,
        max: this.config.maxQuotes,
        count: () => this.quotes.count(),
        refusal: (count) => tooManyQuotes(count, this.config.maxQuotes),
      });
    let marked = 0;
    for (const { broker, keys } of stored) marked += await this.marks.markHolders(broker, keys);
    if (stored.length > 0) this.changes.hint();
    return { stored: stored.reduce((sum, { keys }) => sum + keys.length, 0), marked };
  }
}
