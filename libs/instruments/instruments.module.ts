import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { CatalogueUpkeep } from './imports/catalogue-upkeep.js';
import { DryRuns } from './imports/dry-runs.js';
import { ImportChangesRepository } from './imports/import-changes.repository.js';
import { ImportComparison } from './imports/import-comparison.js';
import { ImportMergeRepository } from './imports/import-merge.repository.js';
import { ImportReviewRepository } from './imports/import-review.repository.js';
import { InstrumentImporter } from './imports/instrument-importer.js';
import { InstrumentSearchRepository } from './catalogue/instrument-search.repository.js';
import { InstrumentSeriesRepository } from './catalogue/instrument-series.repository.js';
import { InstrumentsController } from './catalogue/instruments.controller.js';
import { instrumentsMetrics } from './instruments.metrics.js';
import { InstrumentsRepository } from './catalogue/instruments.repository.js';
import { InstrumentsService } from './catalogue/instruments.service.js';
import { ImportNotices } from './imports/import-notices.js';
import { ImportsController } from './imports/imports.controller.js';
import { ImportsRepository } from './imports/imports.repository.js';
import { ImportsService } from './imports/imports.service.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { MappingsRepository } from './mappings/mappings.repository.js';
import { MappingsService } from './mappings/mappings.service.js';
import { MasterReadings } from './imports/master-readings.js';
import { InstrumentFacetsController } from './facets/instrument-facets.controller.js';
import { InstrumentFacetsService } from './facets/instrument-facets.service.js';
import { RollbackRepository } from './imports/rollback.repository.js';
import { WatchlistController } from './catalogue/watchlist.controller.js';
import { WatchlistRepository } from './catalogue/watchlist.repository.js';
import { WatchlistService } from './catalogue/watchlist.service.js';

/** Instrument masters: imports, search and watchlists. */
@Module({
  imports: [ChangesModule, EventsModule],
  // `imports` and `facets` must not be read as the id of an instrument, so their routes come first.
  controllers: [
    ImportsController,
    MappingsController,
    InstrumentFacetsController,
    InstrumentsController,
    WatchlistController,
  ],
  providers: [
    ...instrumentsMetrics,
    CatalogueUpkeep,
    DryRuns,
    ImportChangesRepository,
    ImportComparison,
    ImportMergeRepository,
    ImportReviewRepository,
    InstrumentFacetsService,
    InstrumentImporter,
    InstrumentSearchRepository,
    InstrumentSeriesRepository,
    InstrumentsRepository,
    InstrumentsService,
    ImportNotices,
    ImportsRepository,
    ImportsService,
    MappingsRepository,
    MappingsService,
    MasterReadings,
    RollbackRepository,
    WatchlistRepository,
    WatchlistService,
  ],
  exports: [DryRuns, InstrumentImporter, InstrumentsRepository, InstrumentsService, ImportsService, WatchlistService],
})
export class InstrumentsModule {}
