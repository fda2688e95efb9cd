/** A recorded event. */
export interface RecordedRow {
  id: string;
  type: string;
  version: number;
  broker: string | null;
  userId: string | null;
  instrumentId: string | null;
  correlationId: string | null;
  causationId: string | null;
  /** As parsed by the declared shape of its type. */
  payload: unknown;
  occurredAt: Date;
}

/** Acts on events in the transaction that records them. Registered with EventListeners.add(). */
export abstract class EventListener {
  /** Name in logs and metrics. */
  abstract readonly name: string;

  /**
   * Called once per event, in the transaction that records the event or takes it from the inbox. Its writes are committed with the
   * event, and an error rolls back both. The recorder waits for it, so it must not use the network.
   */
  abstract recorded(events: readonly RecordedRow[]): Promise<void>;
}
