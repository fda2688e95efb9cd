import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { JobsModule } from '#jobs';
import { ResilienceModule } from '#resilience';
import { BudgetRepository } from './summaries/budget.repository.js';
import { FilingDocuments } from './edgar/filing-documents.js';
import { FilerTickers } from './tickers/filer-tickers.service.js';
import { FilerTickersRepository } from './tickers/filer-tickers.repository.js';
import { FilingSummaries } from './summaries/filing-summaries.js';
import { Filings } from './filings.js';
import { FilingsController } from './filings.controller.js';
import { filingsMetrics } from './filings.metrics.js';
import { FilingsReadRepository } from './filings-read.repository.js';
import { FilingsRepository } from './register/filings.repository.js';
import { FilingsService } from './filings.service.js';
import { SummariesRepository } from './summaries/summaries.repository.js';
import { SummaryAttempt } from './summaries/summary-attempt.js';
import { SummaryBudget } from './summaries/summary-budget.js';
import { SummaryJobs } from './summaries/summary-jobs.js';
import { SummaryProvider } from './summaries/summary-provider.js';
import { SummaryQueue } from './summaries/summary-queue.js';
import { TickerRefresh } from './tickers/ticker-refresh.task.js';

/** Filings, their amendments and summaries, and the tickers of their filers. */
@Module({
  imports: [ChangesModule, EgressModule, EventsModule, JobsModule, ResilienceModule],
  controllers: [FilingsController],
  providers: [
    ...filingsMetrics,
    BudgetRepository,
    FilerTickers,
    FilerTickersRepository,
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
    TickerRefresh,
  ],
  exports: [FilerTickers, Filings, FilingSummaries, TickerRefresh],
})
export class FilingsModule {}
