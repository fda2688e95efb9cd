export { EventLog, type RecordedEvent } from './event-log.js';
export { EventListener, ListenerGaveUp, type RecordedRow } from './inbox/event-listener.js';
export { EventListeners } from './inbox/event-listeners.js';
export { declaredEvents, defineEvent, operatorEvents } from './event-type.js';
export { RECORDED_TYPES_SQL, recordEventsSql } from './record-events-sql.js';
export { eventSchema } from './event.dto.js';
export { EventsRepository } from './events.repository.js';
export { EventsModule } from './events.module.js';
export { SystemPanel } from './system.panel.js';
