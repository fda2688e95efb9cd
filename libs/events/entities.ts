export { EventInboxEntity } from './inbox/event-inbox.entity.js';
export { TradingEventEntity } from './trading-event.entity.js';
