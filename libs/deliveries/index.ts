export { DeliveriesModule } from './deliveries.module.js';
export { DeliveriesService } from './ledger/deliveries.service.js';
export { deliveriesPageSchema, deliveryLogQuerySchema } from './ledger/delivery.dto.js';
export type { DeliveryOutcome, NewDelivery, OutgoingDelivery, SettledAttempt } from './ledger/delivery.js';
export { DeliveryQueue } from './ledger/delivery-queue.js';
export { DeliveryLanes } from './lanes/delivery-lanes.js';
export { type Lane, MESSAGE_FORMATS } from './lanes/lane.js';
export { DeliveryChannel, DeliveryChannels } from './sending/delivery-channel.js';
export { DeliveriesPanel } from './ledger/deliveries.panel.js';
