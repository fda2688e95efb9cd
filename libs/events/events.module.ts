import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventInbox } from './event-inbox.js';
import { EventInboxRepository } from './event-inbox.repository.js';
import { EventListeners } from './event-listeners.js';
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
  providers: [...eventsMetrics, EventInbox, EventInboxRepository, EventListeners, EventLog, EventPartitions, EventsRepository, EventsService],
  exports: [EventInbox, EventListeners, EventLog, EventPartitions, EventsRepository],
})
export class EventsModule {}
