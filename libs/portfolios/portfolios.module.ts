import { Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { PortfolioHistoryRepository } from './history/portfolio-history.repository.js';
import { PortfolioPartitions } from './history/portfolio-partitions.js';
import { PortfolioImportsController } from './imports/portfolio-imports.controller.js';
import { PortfolioImportsService } from './imports/portfolio-imports.service.js';
import { PortfoliosController } from './portfolios.controller.js';
import { portfoliosConfig, type PortfoliosConfig } from './portfolios.config.js';
import { portfoliosMetrics } from './portfolios.metrics.js';
import { PortfoliosRepository } from './portfolios.repository.js';
import { PortfoliosService } from './portfolios.service.js';
import { ChangedQuotes } from './quotes/changed-quotes.js';
import { QuotesController } from './quotes/quotes.controller.js';
import { QuotesRepository } from './quotes/quotes.repository.js';
import { QuoteWriter } from './quotes/quote-writer.js';
import { QuotesService } from './quotes/quotes.service.js';
import { PortfolioQuotas } from './snapshots/portfolio-quotas.js';
import { SnapshotsRepository } from './snapshots/snapshots.repository.js';
import { SnapshotsService } from './snapshots/snapshots.service.js';
import { AdjustmentsRepository } from './rates/adjustments.repository.js';
import { RatesController } from './rates/rates.controller.js';
import { RatesRepository } from './rates/rates.repository.js';
import { RatesService } from './rates/rates.service.js';
import { ValuationMoment } from './rates/valuation-moment.js';
import { ValuationMomentsRepository } from './rates/valuation-moments.repository.js';
import { EgressModule } from '#egress';
import { InstrumentsModule } from '#instruments';
import { SessionsModule } from '#sessions';
import { BrokerPositionsController } from './brokers/broker-positions.controller.js';
import { BrokerPositionsService } from './brokers/broker-positions.service.js';
import { VenuesModule } from '#venues';
import { DeskCalendarsService } from './desk-calendars.service.js';
import { PortfolioPointsService } from './portfolio-points.service.js';
import { PortfolioPointsTask } from './history/portfolio-points.task.js';
import { PortfolioValuesService } from './portfolio-values.service.js';
import { InstrumentsPanel } from './quotes/instruments.panel.js';
import { QuotedInstrumentsRepository } from './quotes/quoted-instruments.repository.js';
import { QuotesPanel } from './quotes/quotes.panel.js';
import { PositionsController } from './positions/positions.controller.js';
import { PositionsService } from './positions/positions.service.js';
import { PortfolioBooks } from './book/portfolio-books.service.js';
import { PortfoliosPanel } from './book/portfolios.panel.js';
import { PositionsPanel } from './book/positions.panel.js';

/** Time between two looks for a month that ended long enough ago. */
const HISTORY_EVERY_MS = 6 * 3_600_000;

/** Portfolios, their value now and over time, and the quotes that change it. */
@Module({
  imports: [ChangesModule, EgressModule, EventsModule, InstrumentsModule, SessionsModule, VenuesModule],
  controllers: [
    PortfoliosController,
    PortfolioImportsController,
    PositionsController,
    QuotesController,
    RatesController,
    BrokerPositionsController,
  ],
  providers: [
    AdjustmentsRepository,
    BrokerPositionsService,
    ChangedQuotes,
    DeskCalendarsService,
    InstrumentsPanel,
    PortfoliosPanel,
    ...portfoliosMetrics,
    PortfolioBooks,
    PositionsPanel,
    PositionsService,
    PortfolioHistoryRepository,
    PortfolioImportsService,
    PortfolioPartitions,
    PortfolioPointsService,
    PortfolioPointsTask,
    PortfolioQuotas,
    PortfoliosRepository,
    PortfoliosService,
    QuotedInstrumentsRepository,
    QuotesPanel,
    PortfolioValuesService,
    QuotesRepository,
    QuotesService,
    QuoteWriter,
    RatesRepository,
    RatesService,
    SnapshotsRepository,
    SnapshotsService,
    ValuationMoment,
    ValuationMomentsRepository,
  ],
  exports: [
    InstrumentsPanel,
    PortfolioImportsService,
    PortfoliosPanel,
    PortfoliosRepository,
    PortfoliosService,
    PositionsPanel,
    QuotesPanel,
    QuotesRepository,
    QuotesService,
    SnapshotsService,
  ],
})
export class PortfoliosModule {
  constructor(
    retention: Retention,
    partitions: PortfolioPartitions,
    @Inject(portfoliosConfig.token) { historyRetentionMs, quoteMarksMs }: PortfoliosConfig,
  ) {
    retention.keep({ table: 'quote_marks', column: 'slot', ms: quoteMarksMs });
    retention.keep({
      table: 'portfolio_history',
      every: HISTORY_EVERY_MS,
      remove: (limit) => partitions.removeOlder(new Date(Date.now() - historyRetentionMs), limit),
    });
  }
}
