export { BreakerClosed, BreakerHalfOpen, BreakerOpened } from './breaker-event-types.js';
export { EventLog, type EventReceipt, type RecordedEvent } from './event-log.js';
export { EventListener, type RecordedRow } from './inbox/event-listener.js';
export { EventListeners } from './inbox/event-listeners.js';
export { EventInbox } from './inbox/event-inbox.js';
export {
  checkedPayload,
  declaredEvents,
  defineEvent,
  type EventType,
  type EventTypeOptions,
  operatorEvents,
  type Severity,
} from './event-type.js';
export { RECORDED_TYPES_SQL, recordEventsSql } from './record-events-sql.js';
export { type EventFilter, type EventHeadline, type EventRow, EventsRepository } from './events.repository.js';
export { EventPartitions } from './event-partitions.js';
export { EventsModule } from './events.module.js';
