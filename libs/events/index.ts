export { EventLog, type EventReceipt, type RecordedEvent } from './event-log.js';
export { eventIdFor, eventTime, newEventId } from './event-id.js';
export { checkedPayload, declaredEvents, defineEvent, type EventType } from './event-type.js';
export { newEventIdSql, RECORDED_TYPES_SQL, recordEventsSql } from './record-events-sql.js';
export { type EventHeadline, EventsRepository } from './events.repository.js';
export { EventPartitions } from './event-partitions.js';
export { EventsModule } from './events.module.js';
export { TradingEventEntity } from './trading-event.entity.js';
