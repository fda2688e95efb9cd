import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactions } from '#database';
import { Jobs } from '#jobs';
import type { RegisteredFiling } from '../edgar/filing.js';
import { SummariesRepository } from './summaries.repository.js';
import { SummaryProvider } from './summary-provider.js';

/** The job that works the queue off. The rows are the queue; the job only says that there is something in it. */
export const SUMMARISE = 'filings-summarise';

/** What the register of filings tells those who summarise, in its transaction. */
@Injectable()
export class SummaryQueue {
  constructor(
    private readonly summaries: SummariesRepository,
    private readonly provider: SummaryProvider,
    private readonly jobs: Jobs,
    private readonly transactions: Transactions,
    @InjectMetric('filings_summaries_total') private readonly outcomes: Counter<'outcome'>,
  ) {}

  /**
   * Queues the new filings of the wanted forms; what is known of the amended ones is stale.
   * @param amended filings whose amendments changed, each with one of these
   */
  async filingsChanged(added: readonly RegisteredFiling[], amended: ReadonlyMap<string, string>): Promise<void> {
    const stale = await this.summaries.invalidate(amended);
    const { summarizer, promptVersion } = this.provider;
    if (summarizer === null) {
      this.transactions.afterCommit(() => this.outcomes.inc({ outcome: 'skipped' }, added.length));
      return;
    }
    const wanted = added.filter(({ baseForm }) => this.provider.wants(baseForm)).map(({ accession }) => accession);
    const queued =
      wanted.length === 0
        ? 0
        : await this.summaries.queue(wanted, { promptVersion, model: summarizer.model }, summarizer.provider);
    if (queued > 0 || stale.length > 0) this.wake();
  }

  /** After the commit: inside it, the job's key would make all who register wait for one another. A lost one costs a minute. */
  wake(): void {
    this.transactions.afterCommit(() => this.jobs.add(SUMMARISE, {}, { jobKey: SUMMARISE, maxAttempts: 3 }));
  }
}
