import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { Filings } from './filings.js';

/** Filings, what amends what, and their summaries. */
@Module({
  imports: [ChangesModule, EventsModule],
  providers: [Filings],
  exports: [Filings],
})
export class FilingsModule {}
