export { AlertDeliveryEntity } from './ledger/alert-delivery.entity.js';
export { DeliveryAttemptEntity } from './ledger/delivery-attempt.entity.js';
export { DeliveryLaneEntity } from './lanes/delivery-lane.entity.js';
export { DeliveryLaneWindowEntity } from './lanes/delivery-lane-window.entity.js';
export { DeliveryWorkerEntity } from './sending/delivery-worker.entity.js';
