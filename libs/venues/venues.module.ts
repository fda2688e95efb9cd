import { Module } from '@nestjs/common';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { VenueDaysRepository } from './venue-days.repository.js';
import { Venues } from './venues.js';
import { VenuesController } from './venues.controller.js';
import { VenuesService } from './venues.service.js';

/** When venues are open, and which trading day it is there. */
@Module({
  imports: [ChangesModule, EventsModule],
  controllers: [VenuesController],
  providers: [
    makeGaugeProvider({
      name: 'venues_calendar_remaining_days',
      help: "Days until the end of a venue's calendar; beyond it only the week is known",
      labelNames: ['venue'],
    }),
    VenueDaysRepository,
    Venues,
    VenuesService,
  ],
  exports: [Venues],
})
export class VenuesModule {}
