import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { ImportMergeRepository } from './imports/import-merge.repository.js';
import { InstrumentImporter } from './imports/instrument-importer.js';
import { InstrumentSearchRepository } from './catalogue/instrument-search.repository.js';
import { InstrumentsController } from './catalogue/instruments.controller.js';
import { instrumentsMetrics } from './instruments.metrics.js';
import { InstrumentsRepository } from './catalogue/instruments.repository.js';
import { InstrumentsService } from './catalogue/instruments.service.js';
import { ImportNotices } from './imports/import-notices.js';
import { ImportsController } from './imports/imports.controller.js';
import { ImportsRepository } from './imports/imports.repository.js';
import { ImportsService } from './imports/imports.service.js';
import { RollbackRepository } from './imports/rollback.repository.js';
import { WatchlistController } from './catalogue/watchlist.controller.js';
import { WatchlistRepository } from './catalogue/watchlist.repository.js';
import { WatchlistService } from './catalogue/watchlist.service.js';

/** Instrument masters: imports, search and watchlists. */
@Module({
  imports: [ChangesModule, EventsModule],
  // The imports' routes come first: `imports` must not be read as the id of an instrument.
  controllers: [ImportsController, InstrumentsController, WatchlistController],
  providers: [
    ...instrumentsMetrics,
    ImportMergeRepository,
    InstrumentImporter,
    InstrumentSearchRepository,
    InstrumentsRepository,
    InstrumentsService,
    ImportNotices,
    ImportsRepository,
    ImportsService,
    RollbackRepository,
    WatchlistRepository,
    WatchlistService,
  ],
  exports: [InstrumentImporter, InstrumentsRepository, InstrumentsService, ImportsService, WatchlistService],
})
export class InstrumentsModule {}
