import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Background } from '#background';
import { JobTasks } from '#jobs';
import { FilingSummaries } from './filing-summaries.js';
import { SummaryBudget } from './summary-budget.js';
import { SummaryProvider } from './summary-provider.js';
import { SUMMARISE } from './summary-queue.js';

/** When queued summaries are made: as soon as one is queued, and each minute whatever waits or was left behind. */
@Injectable()
export class SummaryJobs implements OnModuleInit {
  constructor(
    private readonly tasks: JobTasks,
    private readonly summaries: FilingSummaries,
    private readonly budget: SummaryBudget,
    private readonly provider: SummaryProvider,
  ) {}

  onModuleInit(): void {
    // Declared without a provider too: a job that an earlier configuration left must find its task.
    this.tasks.task(SUMMARISE, (_payload, signal) => this.summaries.drain(signal));
  }

  @Background({
    name: 'filings-summaries',
    every: 60_000,
    role: 'worker',
    whenReadOnly: 'pause',
    when: ({ provider }: SummaryJobs) => provider.summarizer !== null,
  })
  async sweep(signal: AbortSignal): Promise<void> {
    await this.budget.current();
    await this.summaries.drain(signal);
  }
}
