import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Changes } from '#changes';
import { postgresError, Transactions } from '#database';
import { DomainError } from '#errors';
import { Quotas } from '#quotas';
import { withCorrelation } from '#telemetry';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { quotesBusy, tooManyQuotes } from '../portfolios.errors.js';
import { mergeQuotes } from './merged-quotes.js';
import type { Quote, QuotesPosted } from './quote.dto.js';
import { QuotesRepository } from './quotes.repository.js';

/** Quotes of one request that wait to be written. */
interface Waiting {
  quotes: readonly Quote[];
  resolve: (posted: QuotesPosted) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes quotes of concurrent requests together: one statement and one row of the change feed per flush, and one flush at a
 * time, at most every 50 ms. A request is answered after the commit of its flush, with its own counts. Durable commits are
 * what limits small writes: 20 requests of 50 quotes cost one commit and not 20.
 */
@Injectable()
export class QuoteWriter implements BeforeApplicationShutdown {
  private readonly waiting: Waiting[] = [];
  private waitingQuotes = 0;
  private running: Promise<void> | undefined;
  private began = -Infinity;
  private readonly stopping = new AbortController();

  constructor(
    private readonly quotes: QuotesRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly quotas: Quotas,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric('portfolios_quotes_waiting') private readonly depth: Gauge,
    @InjectMetric('portfolios_quotes_flush_duration_seconds') private readonly duration: Histogram,
    @InjectMetric('portfolios_quotes_flush_requests') private readonly requests: Histogram,
    @InjectMetric('portfolios_quotes_total') private readonly received: Counter<'status'>,
  ) {}

  /**
   * Writes the quotes of one request, with those of others or, inside a transaction, as a part of it.
   * @param quotes `asOf` in UTC with microseconds
   * @throws DomainError PORTFOLIOS_QUOTES_BUSY, PORTFOLIOS_TOO_MANY_QUOTES
   */
  async write(quotes: readonly Quote[]): Promise<QuotesPosted> {
    if (this.transactions.isOpen) return (await this.store([quotes]))[0]!;
    const { quotesWaitingMax: max } = this.config;
    const would = this.waitingQuotes + quotes.length;
    if (this.waiting.length > 0 && would > max) {
      this.received.inc({ status: 'refused' }, quotes.length);
      throw quotesBusy(this.waitingQuotes, max);
    }
    const { promise, resolve, reject } = Promise.withResolvers<QuotesPosted>();
    this.waiting.push({ quotes, resolve, reject });
    this.count(quotes.length);
    this.running ??= this.run();
    return promise;
  }

  /** Writes what waits, without pauses, before the pools are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const wait = this.began + this.config.quotesFlushMs - performance.now();
      if (wait > 0) await pause(wait, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      this.began = performance.now();
      const flush = this.next();
      await withCorrelation(undefined, () => this.flush(flush));
    }
    this.running = undefined;
  }

  /** The requests that have waited longest, up to the size of a flush, and at least one. */
  private next(): Waiting[] {
    let [count, size] = [0, 0];
    for (const { quotes } of this.waiting) {
      if (count > 0 && size + quotes.length > this.config.quotesPerFlushMax) break;
      count += 1;
      size += quotes.length;
    }
    this.count(-size);
    return this.waiting.splice(0, count);
  }

  private count(by: number): void {
    this.waitingQuotes += by;
    this.depth.set(this.waitingQuotes);
  }

  /** Never rejects. If one of several requests may be what failed, writes them one by one, so that it fails alone. */
  private async flush(waiting: readonly Waiting[]): Promise<void> {
    try {
      const end = this.duration.startTimer();
      const posted = await this.store(waiting.map(({ quotes }) => quotes));
      end();
      this.requests.observe(waiting.length);
      for (const [index, { resolve }] of waiting.entries()) resolve(posted[index]!);
    } catch (error) {
      if (waiting.length > 1 && isOfOneRequest(error)) for (const one of waiting) await this.flush([one]);
      else for (const { reject } of waiting) reject(error);
    }
  }

  /** @returns the counts of each request */
  private async store(batches: readonly (readonly Quote[])[]): Promise<QuotesPosted[]> {
    const merged = mergeQuotes(batches);
    const stale = await this.transactions.atomic(async () => {
      const result = await this.quotes.store(merged);
      if (result.added > 0) await this.keepQuota(batches.length);
      this.changes.hint();
      return new Set(result.stale);
    });
    const stored = batches.map(() => 0);
    for (const [index, { batch }] of merged.newest.entries()) if (!stale.has(index)) stored[batch]! += 1;
    return batches.map(({ length }, batch) => ({ stored: stored[batch]!, stale: length - stored[batch]! }));
  }

  /** Counts a refusal only of a request that is alone: several are tried again one by one. */
  private async keepQuota(requests: number): Promise<void> {
    const { maxQuotes: max } = this.config;
    const count = await this.quotas.used('quotes', null, () => this.quotes.count());
    if (count <= max) return;
    const refusal = tooManyQuotes(count, max);
    throw requests > 1 ? refusal : this.quotas.refused('quotes', refusal);
  }
}

/** The quota, or data that PostgreSQL refuses (classes 22 and 23). Not a lost connection, which would fail each alone as well. */
function isOfOneRequest(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'PORTFOLIOS_TOO_MANY_QUOTES';
  return /^2[23]/.test(postgresError(error)?.code ?? '');
}
