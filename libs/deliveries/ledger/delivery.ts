import type { ErrorClass } from '#resilience';

export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'dead', 'held', 'cancelled'] as const;

/**
 * pending: waits for its time. sending: leased by a worker. held: its lane is held; it waits for the release.
 * delivered, dead (all attempts used, gone, or no room to hold it) and cancelled are ends; retry and replay leave them.
 */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What a channel is given to send. */
export interface OutgoingDelivery {
  id: string;
  /** The same on every attempt: receivers know a repetition by it. */
  messageId: string;
  endpointId: string;
  body: string;
  /** From 1; counts every attempt ever made of this delivery. */
  attempt: number;
  createdAt: Date;
  correlationId: string | null;
}

/** How an attempt ended. `gone` (HTTP 410): never again. A redirect is a failure. */
export interface DeliveryOutcome {
  kind: 'delivered' | 'failed' | 'gone';
  statusCode?: number;
  errorClass?: ErrorClass;
  error?: string;
  /** The receiver's Retry-After, ms. */
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
  /** Of the delivery after it; `dead` when it was given up. */
  status: DeliveryStatus;
  /** As it is stored: at most 1,000 characters, without NUL. */
  error: string | null;
  at: Date;
  alertId: string | null;
  messageId: string;
  correlationId: string | null;
}

/** What to enqueue. */
export interface NewDelivery {
  alertId: string | null;
  endpointId: string;
  messageId: string;
  body: string;
  notBefore?: Date;
  /** The running one if left out. */
  correlationId?: string;
}

/** What was enqueued. Left out: those that were there already, and those whose lane does not exist. */
export interface EnqueuedDelivery {
  id: string;
  endpointId: string;
}
