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
   * @param teller `recorder`: a request or a poll waits, so give up early; `inbox`: nothing waits
   * @throws ListenerGaveUp before it has written anything
   */
  abstract recorded(events: readonly RecordedRow[], teller: Teller): Promise<void>;
}

export type Teller = 'recorder' | 'inbox';

/**
 * A listener cannot handle the events now. The recorder continues and leaves them to the inbox, which then takes fewer
 * at once. If the error names one event, that event is set aside after its second attempt.
 */
export class ListenerGaveUp extends Error {
  /** @param why a code or a short text that operators see */
  constructor(
    readonly why: string,
    readonly eventId?: string,
    options?: ErrorOptions,
  ) {
    super(why, options);
    this.name = 'ListenerGaveUp';
  }
}
