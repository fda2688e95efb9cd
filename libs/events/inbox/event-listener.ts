/** An event as it was recorded. */
export interface RecordedRow {
  id: string;
  type: string;
  version: number;
  broker: string | null;
  userId: string | null;
  instrumentId: string | null;
  correlationId: string | null;
  causationId: string | null;
  /** As its type's declared shape gives it. */
  payload: unknown;
  occurredAt: Date;
}

/** Whoever must act on events before they are true: registered once with EventListeners.add(). */
export abstract class EventListener {
  /** For logs and metrics. */
  abstract readonly name: string;

  /**
   * Called in the transaction that records the events (or takes them from the inbox), each event once. What it writes
   * becomes true together with them; throwing rolls all of it back. Its time is the recorder's: no network in here.
   */
  abstract recorded(events: readonly RecordedRow[]): Promise<void>;
}
