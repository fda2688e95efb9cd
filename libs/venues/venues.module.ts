import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { declareMetrics } from '#metrics';
import { VENUE_NAMES } from './calendars/calendars.js';
import { VenueDaysRepository } from './venue-days.repository.js';
import { Venues } from './venues.js';
import { VenuesController } from './venues.controller.js';
import { VenuesService } from './venues.service.js';

/** When venues are open, and which trading day it is there. */
@Module({
  imports: [ChangesModule, EventsModule],
  controllers: [VenuesController],
  providers: [
    ...declareMetrics('venues', {
      venues_calendar_remaining_seconds: {
        type: 'gauge',
        help: "Time until the end of a venue's calendar; beyond it only the week is known",
        labels: { venue: VENUE_NAMES },
      },
    }),
    VenueDaysRepository,
    Venues,
    VenuesService,
  ],
  exports: [Venues],
})
export class VenuesModule {}
