export const MESSAGE_FORMATS = ['generic', 'slack', 'discord', 'text'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

export const LANE_MODES = ['normal', 'held', 'probing', 'recovering'] as const;

/**
 * normal: delivers. held: keeps what comes, in order. probing: one delivery is let through, then held again.
 * recovering: what was held goes out one at a time, in order; then normal.
 */
export type LaneMode = (typeof LANE_MODES)[number];

export const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** A lane as its owner sets it: one endpoint, one lane. */
export interface LaneSettings {
  endpointId: string;
  /** Of a DeliveryChannel. */
  channel: string;
  format: MessageFormat;
  /** Whose; null: the desk's. */
  userId: string | null;
  /** Gets operator alerts. */
  operator: boolean;
  /** At most so many in flight at once, over all processes. */
  concurrency: number;
  ratePerSecond: number | null;
  minSeverity?: string | null;
}

export interface Lane extends LaneSettings {
  minSeverity: string | null;
  mode: LaneMode;
  holdReason: string | null;
  circuit: CircuitState;
}
