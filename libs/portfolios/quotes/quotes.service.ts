import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { type Page, pageFrom } from '#http';
import { Clock, shownTime, utcTime } from '#time';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { aheadOfTime } from '../portfolios.errors.js';
import type { ListQuotes, Quote, QuotesPosted, QuoteView } from './quote.dto.js';
import { QuoteWriter } from './quote-writer.js';
import { QuotesRepository } from './quotes.repository.js';
import { aheadIssues } from '../snapshot-checks.js';

/** Stores quotes and lists the latest. */
@Injectable()
export class QuotesService {
  constructor(
    private readonly quotes: QuotesRepository,
    private readonly writer: QuoteWriter,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric('portfolios_quotes_total') private readonly received: Counter<'status'>,
  ) {
    // An alert rule subtracts what stored quotes explain: without the series it could never fire.
    this.received.inc({ status: 'stored' }, 0);
  }

  /**
   * Stores quotes, durably when it returns.
   * @throws DomainError REQUEST_INVALID naming each asOf that lies in the future, PORTFOLIOS_TOO_MANY_QUOTES, PORTFOLIOS_QUOTES_BUSY
   */
  async post(quotes: readonly Quote[]): Promise<QuotesPosted> {
    const ahead = aheadIssues(
      quotes,
      (index) => `quotes[${index}].asOf`,
      this.clock.now().getTime(),
      this.config.aheadToleranceMs,
    );
    if (ahead.length > 0) throw aheadOfTime(ahead);
    // Quotes of one request often have one time.
    let [sent, utc] = ['', ''];
    const inUtc = quotes.map((quote) => {
      if (quote.asOf !== sent) [sent, utc] = [quote.asOf, utcTime(quote.asOf)];
      return { ...quote, asOf: utc };
    });
    const posted = await this.writer.write(inUtc);
    this.received.inc({ status: 'stored' }, posted.stored);
    this.received.inc({ status: 'stale' }, posted.stale);
    return posted;
  }

  async list(query: ListQuotes): Promise<Page<QuoteView>> {
    const keys = query.key === undefined ? null : [query.key].flat();
    const rows = await this.quotes.list(query.broker, keys, query.cursor ?? null, query.limit + 1);
    return pageFrom(
      rows,
      query.limit,
      ({ key }) => key,
      (quote) => ({
        ...quote,
        asOf: shownTime(quote.asOf),
        previousCloseAsOf: shownTime(quote.previousCloseAsOf),
      }),
    );
  }
}
