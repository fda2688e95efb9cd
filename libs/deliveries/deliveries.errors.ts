import { defineErrors } from '#errors';

const deliveriesError = defineErrors({
  DELIVERIES_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The delivery does not exist, or you may not see it.',
    fix: 'List the deliveries with `GET /v1/deliveries`.',
  },
  DELIVERIES_IN_FLIGHT: {
    kind: 'conflict',
    meaning: 'The delivery is being sent.',
    fix: 'Read its outcome before you retry it.',
  },
  DELIVERIES_ENDPOINT_GONE: {
    kind: 'conflict',
    meaning: 'The endpoint of the delivery was deleted.',
    fix: 'Create the endpoint again; a new one gets new deliveries only.',
  },
});

export function noTransaction(): Error {
  return new Error('DeliveryQueue.enqueue() must run inside the transaction (@Atomic) of the change it reports.');
}

export const deliveryNotFound = (id: string) =>
  deliveriesError('DELIVERIES_NOT_FOUND', `There is no delivery ${id} that you may see.`);

export const deliveryInFlight = (id: string) =>
  deliveriesError('DELIVERIES_IN_FLIGHT', `Delivery ${id} is being sent. Read its outcome before you retry it.`);

export const laneGone = (id: string) =>
  deliveriesError('DELIVERIES_ENDPOINT_GONE', `The endpoint of delivery ${id} was deleted, so it cannot be sent.`);
