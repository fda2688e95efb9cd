import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventLog } from './event-log.js';
import { EventPartitions } from './event-partitions.js';
import { EventsController } from './events.controller.js';
import { eventsMetrics } from './events.metrics.js';
import { EventsRepository } from './events.repository.js';
import { EventsService } from './events.service.js';

/** The log of what happened, and its page. */
@Module({
  imports: [ChangesModule],
  controllers: [EventsController],
  providers: [...eventsMetrics, EventLog, EventPartitions, EventsRepository, EventsService],
  exports: [EventLog, EventPartitions, EventsRepository],
})
export class EventsModule {}
