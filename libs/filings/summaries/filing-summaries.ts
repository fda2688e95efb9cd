import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { DomainError } from '#errors';
import { correlationId, withCorrelation } from '#telemetry';
import type { FilingSummarizer } from './filing-summarizer.js';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { filingNotFound } from '../filings.errors.js';
import { FilingsReadRepository } from '../filings-read.repository.js';
import {
  SummariesRepository,
  type SummaryClaim,
  type SummaryResult,
  type SummaryRow,
  type SummaryState,
} from './summaries.repository.js';
import { SummaryAttempt } from './summary-attempt.js';
import { SummaryBudget } from './summary-budget.js';
import { NO_PROVIDER, SummaryProvider } from './summary-provider.js';
import { afterFailure, reasonOf } from './summary-verdict.js';

/** Result of a request: the summary, or its state. */
export interface SummaryStanding {
  state: SummaryState | 'none';
  summary: string | null;
  reason: string | null;
}

/** Summaries by a language model. Each question is asked once, for any number of requests. */
@Injectable()
export class FilingSummaries {
  private readonly logger = new Logger('Filings');

  constructor(
    private readonly summaries: SummariesRepository,
    private readonly filings: FilingsReadRepository,
    private readonly attempt: SummaryAttempt,
    private readonly provider: SummaryProvider,
    private readonly budget: SummaryBudget,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    @Inject(filingsConfig.token) private readonly config: FilingsConfig,
    @InjectMetric('filings_summaries_total') private readonly outcomes: Counter<'outcome'>,
  ) {}

  /**
   * Returns the summary of a filing from the table. If there is none and no call is in progress, calls the model.
   * @throws DomainError FILINGS_NOT_FOUND
   */
  async ask(accession: string, signal?: AbortSignal): Promise<SummaryStanding> {
    const { summarizer, promptVersion } = this.provider;
    if (!(await this.filings.exists(accession))) throw filingNotFound(accession);
    if (summarizer === null) return { state: 'none', summary: null, reason: NO_PROVIDER };
    const key = { accession, promptVersion, model: summarizer.model };
    const claim = await this.summaries.claim(key, summarizer.provider, this.attempt.leaseMs, this.budget.month);
    if (claim !== null) await this.work(claim, summarizer, signal);
    const row = await this.summaries.find(key);
    if (claim === null) await this.countAnswered(row);
    return { state: row?.state ?? 'none', summary: row?.summary ?? null, reason: row?.reason ?? null };
  }

  /**
   * Works through the queue, a few at a time, until no row is due. Each worker has a context of its own: a context holds one
   * connection, and workers that shared one would refuse each other's queries.
   * @throws the first error of a worker, after all have ended
   */
  async drain(signal?: AbortSignal): Promise<void> {
    const { summarizer, promptVersion } = this.provider;
    if (summarizer === null) return;
    const one = async () => {
      while (!signal?.aborted) {
        const claim = await this.summaries.claimNext(
          { promptVersion, model: summarizer.model },
          summarizer.provider,
          this.attempt.leaseMs,
        );
        if (claim === null) return;
        await this.work(claim, summarizer, signal);
      }
    };
    const id = correlationId();
    const workers = Array.from({ length: this.config.concurrency }, () => withCorrelation(id, one));
    const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /** Completes one claim. Stores failures of the filing or the provider with the question instead of throwing them. */
  private async work(
    claim: SummaryClaim,
    summarizer: FilingSummarizer,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const result = await this.attempt
      .run(claim, summarizer, signal)
      .catch((error: unknown) => this.failed(claim, error, signal));
    const written = await this.transactions.atomic(async () => {
      const mine = await this.summaries.finish(claim, result);
      if (mine) await this.changes.append('filings', [claim.accession]);
      return mine;
    });
    this.outcomes.inc({ outcome: !written ? 'discarded' : result.state === 'queued' ? 'retried' : result.state });
  }

  private failed(claim: SummaryClaim, error: unknown, signal: AbortSignal | undefined): SummaryResult {
    if (signal?.aborted) return { state: 'queued', reason: 'the process was stopping', uncounted: true };
    const known = error instanceof DomainError || (error as Error).name === 'SummaryCallError';
    this.logger.warn({
      msg: 'a filing was not summarised',
      accession: claim.accession,
      attempt: claim.attempts,
      reason: reasonOf(error),
      ...(!known && { err: error }),
    });
    return afterFailure(error, claim.attempts, this.config.attempts);
  }

  private async countAnswered(row: SummaryRow | undefined): Promise<void> {
    if (row?.state !== 'done' && row?.state !== 'calling') return;
    const how = row.state === 'done' ? 'hits' : 'shared';
    await this.budget.answered(how);
    this.outcomes.inc({ outcome: how === 'hits' ? 'hit' : 'shared' });
  }
}
