import type { ErrorClass } from '#resilience';

export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'dead', 'held', 'cancelled'] as const;

/**
 * pending: waits for its next attempt. sending: leased by a worker. held: waits until its held lane is released.
 * delivered, dead (all attempts used, the receiver gone, or too many held) and cancelled are final, except for retry and replay.
 */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery as a channel gets it. */
export interface OutgoingDelivery {
  id: string;
  /** The same on every attempt, so that receivers recognise repetitions. */
  messageId: string;
  endpointId: string;
  body: string;
  /** Number of this attempt, from 1, over all attempts of the delivery. */
  attempt: number;
  createdAt: Date;
  correlationId: string | null;
}

/** Outcome of an attempt. `gone` (the receiver will never take a message again, such as HTTP 410) ends all attempts. A redirect is a failure. */
export interface DeliveryOutcome {
  kind: 'delivered' | 'failed' | 'gone';
  statusCode?: number;
  errorClass?: ErrorClass;
  error?: string;
  /** Retry-After of the receiver, in ms. */
  retryAfterMs?: number;
  latencyMs: number;
  responseBody?: string;
}

/** An attempt whose outcome is being recorded. */
export interface SettledAttempt {
  deliveryId: string;
  endpointId: string;
  attempt: number;
  outcome: DeliveryOutcome;
  /** Status of the delivery after the attempt. */
  status: DeliveryStatus;
  /** As stored: at most 1,000 characters, without NUL. */
  error: string | null;
  at: Date;
  alertId: string | null;
  messageId: string;
  correlationId: string | null;
}

/** A delivery to enqueue. */
export interface NewDelivery {
  alertId: string | null;
  endpointId: string;
  messageId: string;
  body: string;
  notBefore?: Date;
  /** Default: the running correlation id. */
  correlationId?: string;
}

/** An enqueued delivery. Existing ones, and those without a lane, are not returned. */
export interface EnqueuedDelivery {
  id: string;
  endpointId: string;
}
