import { Module } from '@nestjs/common';
import { AuthModule } from '#auth';
import { ChangesModule } from '#changes';
import { JobsModule } from '#jobs';
import { ResilienceModule } from '#resilience';
import { BreakerEvents } from './breaker-events.js';
import { EventInbox } from './inbox/event-inbox.js';
import { EventInboxRepository } from './inbox/event-inbox.repository.js';
import { EventListeners } from './inbox/event-listeners.js';
import { EventLog } from './event-log.js';
import { EventPartitions } from './event-partitions.js';
import { EventsController } from './events.controller.js';
import { eventsMetrics } from './events.metrics.js';
import { EventsRepository } from './events.repository.js';
import { EventsService } from './events.service.js';
import { SystemPanel } from './system.panel.js';

/** The log of events and its routes. */
@Module({
  imports: [AuthModule, ChangesModule, JobsModule, ResilienceModule],
  controllers: [EventsController],
  providers: [
    SystemPanel,
    ...eventsMetrics,
    BreakerEvents,
    EventInbox,
    EventInboxRepository,
    EventListeners,
    EventLog,
    EventPartitions,
    EventsRepository,
    EventsService,
  ],
  exports: [EventListeners, EventLog, EventsRepository, SystemPanel],
})
export class EventsModule {}
