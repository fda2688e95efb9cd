import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { JobsModule } from '#jobs';
import { ResilienceModule } from '#resilience';
import { BudgetRepository } from './budget.repository.js';
import { FilingDocuments } from './filing-documents.js';
import { FilingSummaries } from './filing-summaries.js';
import { Filings } from './filings.js';
import { FilingsClock, WallClock } from './filings-clock.js';
import { FilingsController } from './filings.controller.js';
import { filingsMetrics } from './filings.metrics.js';
import { FilingsReadRepository } from './filings-read.repository.js';
import { FilingsRepository } from './filings.repository.js';
import { FilingsService } from './filings.service.js';
import { SummariesRepository } from './summaries.repository.js';
import { SummaryAttempt } from './summary-attempt.js';
import { SummaryBudget } from './summary-budget.js';
import { SummaryJobs } from './summary-jobs.js';
import { SummaryProvider } from './summary-provider.js';
import { SummaryQueue } from './summary-queue.js';

/** Filings, what amends what, and their summaries. */
@Module({
  imports: [ChangesModule, EgressModule, EventsModule, JobsModule, ResilienceModule],
  controllers: [FilingsController],
  providers: [
    ...filingsMetrics,
    { provide: FilingsClock, useClass: WallClock },
    BudgetRepository,
    FilingDocuments,
    Filings,
    FilingsReadRepository,
    FilingsRepository,
    FilingsService,
    FilingSummaries,
    SummariesRepository,
    SummaryAttempt,
    SummaryBudget,
    SummaryJobs,
    SummaryProvider,
    SummaryQueue,
  ],
  exports: [Filings, FilingSummaries],
})
export class FilingsModule {}
