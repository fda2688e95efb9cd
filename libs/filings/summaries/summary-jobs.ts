import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Background } from '#background';
import { JobTasks } from '#jobs';
import { FilingSummaries } from './filing-summaries.js';
import { SummaryBudget } from './summary-budget.js';
import { SummaryProvider } from './summary-provider.js';
import { SUMMARISE } from './summary-queue.js';

/** Runs the queue: as soon as a summary is queued, and each minute for rows that wait or were left behind. */
@Injectable()
export class SummaryJobs implements OnModuleInit {
  constructor(
    private readonly tasks: JobTasks,
    private readonly summaries: FilingSummaries,
    private readonly budget: SummaryBudget,
    private readonly provider: SummaryProvider,
  ) {}

  onModuleInit(): void {
    // Declared without a provider too, because a job of an earlier configuration must find its task.
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
