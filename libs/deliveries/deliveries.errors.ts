import { DomainError } from '#errors';

export function noTransaction(): Error {
  return new Error('DeliveryQueue.enqueue() needs the open transaction of what the deliveries tell of (@Atomic).');
}

export function deliveryNotFound(id: string): DomainError {
  return new DomainError('DELIVERIES_NOT_FOUND', `There is no delivery ${id} of yours.`, { kind: 'not_found' });
}

export function deliveryInFlight(id: string): DomainError {
  return new DomainError(
    'DELIVERIES_IN_FLIGHT',
    `Delivery ${id} is being sent just now; look at how it ends before trying again.`,
    { kind: 'conflict' },
  );
}

export function laneGone(id: string): DomainError {
  return new DomainError(
    'DELIVERIES_ENDPOINT_GONE',
    `The endpoint of delivery ${id} was deleted: there is nowhere to send it.`,
    { kind: 'conflict' },
  );
}
