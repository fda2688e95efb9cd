import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JobTasks } from '#jobs';
import { FilingSummaries } from './filing-summaries.js';
import { SummaryBudget } from './summary-budget.js';
import { SummaryProvider } from './summary-provider.js';
import { SUMMARISE } from './summary-queue.js';

/** When the queue is worked off: as soon as there is something in it, and each minute what waits or was left behind. */
@Injectable()
export class SummaryJobs implements OnModuleInit {
  constructor(
    private readonly tasks: JobTasks,
    private readonly summaries: FilingSummaries,
    private readonly budget: SummaryBudget,
    private readonly provider: SummaryProvider,
  ) {}

  onModuleInit(): void {
    // Declared without a provider too: a job left from a time when there was one must find its task.
    this.tasks.task(SUMMARISE, (_payload, signal) => this.summaries.drain(signal));
    if (this.provider.summarizer === null) return;
    this.tasks.cron('filings-summaries-sweep', '* * * * *', async (_payload, signal) => {
      await this.budget.current();
      await this.summaries.drain(signal);
    });
  }
}
