export const MESSAGE_FORMATS = ['generic', 'slack', 'discord', 'teams', 'telegram', 'text'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

export const LANE_MODES = ['normal', 'held', 'probing', 'recovering'] as const;

/**
 * normal: sends. held: keeps deliveries in order. probing: sends one delivery, then is held again.
 * recovering: sends the held deliveries one at a time, in order, then is normal.
 */
export type LaneMode = (typeof LANE_MODES)[number];

export const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** The settings of a lane. An endpoint has one lane. */
export interface LaneSettings {
  endpointId: string;
  /** Name of a DeliveryChannel. */
  channel: string;
  format: MessageFormat;
  /** Owner. Null: the desk. */
  userId: string | null;
  /** The endpoint gets operator alerts. */
  operator: boolean;
  /** Maximum concurrent sends, over all processes. */
  concurrency: number;
  ratePerSecond: number | null;
  minSeverity?: string | null;
}

/** Deliveries that wait for an endpoint. */
export interface WaitingDeliveries {
  /** Due now or later, or being sent. */
  pending: number;
  /** Kept until the endpoint is enabled again. */
  held: number;
}

export interface Lane extends LaneSettings {
  minSeverity: string | null;
  mode: LaneMode;
  holdReason: string | null;
  circuit: CircuitState;
}
