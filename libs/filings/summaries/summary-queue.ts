import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactions } from '#database';
import { Jobs } from '#jobs';
import type { StoredFiling } from '../register/filings.repository.js';
import { SummariesRepository } from './summaries.repository.js';
import { SummaryProvider } from './summary-provider.js';

/** Job that works through the queue. The rows are the queue; the job only wakes a worker. */
export const SUMMARISE = 'filings-summarise';

/** Receives changes of the register of filings, in its transaction. */
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
   * Queues new filings of the wanted forms and marks summaries of amended filings stale.
   * @param amended filings whose amendments changed, each with one of these amendments
   */
  async filingsChanged(added: readonly StoredFiling[], amended: ReadonlyMap<string, string>): Promise<void> {
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

  /**
   * Added after the commit. Inside the transaction, the job's key would make concurrent registrations wait for each
   * other. A lost job costs at most a minute.
   */
  wake(): void {
    this.transactions.afterCommit(() => this.jobs.add(SUMMARISE, {}, { jobKey: SUMMARISE, maxAttempts: 3 }));
  }
}
