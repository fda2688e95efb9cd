export { DeadLetters, type DeadListener } from './dead-letters.js';
export { DeliveriesModule } from './deliveries.module.js';
export { deliveriesConfig, type DeliveriesConfig } from './deliveries.config.js';
export {
  DeliveriesRepository,
  type DeliveriesOverview,
  type DeliveryFilter,
  type DeliveryView,
  type LaneBacklog,
} from './deliveries.repository.js';
export {
  type DeadDelivery,
  DELIVERY_STATUSES,
  type DeliveryOutcome,
  type DeliveryStatus,
  type EnqueuedDelivery,
  type NewDelivery,
  type OutgoingDelivery,
  type SettledAttempt,
} from './delivery.js';
export { AlertDeliveryEntity } from './alert-delivery.entity.js';
export { DeliveryAttemptEntity } from './delivery-attempt.entity.js';
export { DeliveryChannel, DeliveryChannels } from './delivery-channel.js';
export { DeliveryLaneEntity } from './delivery-lane.entity.js';
export { DeliveryLaneWindowEntity } from './delivery-lane-window.entity.js';
export { DeliveryLanes } from './delivery-lanes.js';
export { DeliveryQueue } from './delivery-queue.js';
export { DeliveryRetries } from './delivery-retries.service.js';
export { type DeliveriesPage, deliveriesPageSchema, deliveryJson, deliverySchema } from './delivery.dto.js';
export {
  type CircuitState,
  type Lane,
  type LaneMode,
  type LaneSettings,
  MESSAGE_FORMATS,
  type MessageFormat,
} from './lane.js';
