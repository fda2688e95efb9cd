export { DeadLetters, type DeadListener } from './ledger/dead-letters.js';
export { DeliveriesModule } from './deliveries.module.js';
export { deliveriesConfig, type DeliveriesConfig } from './deliveries.config.js';
export {
  DeliveriesRepository,
  type DeliveriesOverview,
  type DeliveryFilter,
  type DeliveryView,
  type LaneBacklog,
} from './ledger/deliveries.repository.js';
export {
  type DeadDelivery,
  DELIVERY_STATUSES,
  type DeliveryOutcome,
  type DeliveryStatus,
  type EnqueuedDelivery,
  type NewDelivery,
  type OutgoingDelivery,
  type SettledAttempt,
} from './ledger/delivery.js';
export { DeliveryChannel, DeliveryChannels } from './sending/delivery-channel.js';
export { DeliveryLanes } from './lanes/delivery-lanes.js';
export { DeliveryQueue } from './ledger/delivery-queue.js';
export { DeliveryRetries } from './ledger/delivery-retries.service.js';
export { type DeliveriesPage, deliveriesPageSchema, deliveryJson, deliverySchema } from './ledger/delivery.dto.js';
export {
  type CircuitState,
  type Lane,
  type LaneMode,
  type LaneSettings,
  MESSAGE_FORMATS,
  type MessageFormat,
} from './lanes/lane.js';
