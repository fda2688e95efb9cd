import { Global, Inject, Module } from '@nestjs/common';
import { AuthModule } from '#auth';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { JobsModule } from '#jobs';
import { ResilienceModule } from '#resilience';
import { BreakerEvents } from './breaker-events.js';
import { EventInbox } from './inbox/event-inbox.js';
import { EventInboxRepository } from './inbox/event-inbox.repository.js';
import { EventListeners } from './inbox/event-listeners.js';
import { EventLog } from './event-log.js';
import { EventPartitions } from './event-partitions.js';
import { eventsConfig, type EventsConfig } from './events.config.js';
import { EventsController } from './events.controller.js';
import { eventsMetrics } from './events.metrics.js';
import { EventsRepository } from './events.repository.js';
import { EventsService } from './events.service.js';
import { SystemPanel } from './system.panel.js';
import { SetAsideEvents } from './inbox/set-aside-events.js';

/** How long events that were set aside stay in the inbox. */
const SET_ASIDE_MS = 30 * 86_400_000;
/** Time between two looks for a month that ended long enough ago. */
const MONTHS_EVERY_MS = 6 * 3_600_000;

/** The log of events and its routes. Global, because the audit trail, which is global, counts its events here. */
@Global()
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
    SetAsideEvents,
  ],
  exports: [EventListeners, EventLog, EventsRepository, SystemPanel],
})
export class EventsModule {
  constructor(retention: Retention, partitions: EventPartitions, @Inject(eventsConfig.token) config: EventsConfig) {
    retention.keep({
      table: 'trading_events',
      every: MONTHS_EVERY_MS,
      remove: (limit) => partitions.removeOlder(new Date(Date.now() - config.retentionMs), limit),
    });
    retention.keep({ table: 'event_inbox', column: 'set_aside_at', ms: SET_ASIDE_MS });
  }
}
