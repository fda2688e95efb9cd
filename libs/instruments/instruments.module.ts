import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { ImportMergeRepository } from './import-merge.repository.js';
import { InstrumentImporter } from './instrument-importer.js';
import { InstrumentSearchRepository } from './instrument-search.repository.js';
import { InstrumentsClock, WallClock } from './instruments-clock.js';
import { InstrumentsController } from './instruments.controller.js';
import { instrumentsMetrics } from './instruments.metrics.js';
import { InstrumentsRepository } from './instruments.repository.js';
import { InstrumentsService } from './instruments.service.js';
import { ReleaseNews } from './release-news.js';
import { ReleasesController } from './releases.controller.js';
import { ReleasesRepository } from './releases.repository.js';
import { ReleasesService } from './releases.service.js';
import { RollbackRepository } from './rollback.repository.js';
import { WatchlistController } from './watchlist.controller.js';
import { WatchlistRepository } from './watchlist.repository.js';
import { WatchlistService } from './watchlist.service.js';

/** Instrument masters: imported, compared, listed, searched and followed. */
@Module({
  imports: [ChangesModule, EventsModule],
  // The imports' routes come first: `imports` must not be read as the id of an instrument.
  controllers: [ReleasesController, InstrumentsController, WatchlistController],
  providers: [
    ...instrumentsMetrics,
    { provide: InstrumentsClock, useClass: WallClock },
    ImportMergeRepository,
    InstrumentImporter,
    InstrumentSearchRepository,
    InstrumentsRepository,
    InstrumentsService,
    ReleaseNews,
    ReleasesRepository,
    ReleasesService,
    RollbackRepository,
    WatchlistRepository,
    WatchlistService,
  ],
  exports: [InstrumentImporter, InstrumentsRepository, InstrumentsService, ReleasesService, WatchlistService],
})
export class InstrumentsModule {}
