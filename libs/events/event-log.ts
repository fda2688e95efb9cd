import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { correlationId } from '#telemetry';
import { timeOfUuid, uuid7 } from '#ids';
import { EventInboxRepository } from './inbox/event-inbox.repository.js';
import { ListenerGaveUp, type RecordedRow } from './inbox/event-listener.js';
import { EventListeners } from './inbox/event-listeners.js';
import { checkedPayload } from './event-type.js';
import { idTimeMismatch } from './events.errors.js';
import { EventsRepository } from './events.repository.js';

/** An event to record. Only `type` and `payload` are required. */
export interface RecordedEvent {
  /** Declared with defineEvent(). */
  type: string;
  payload: unknown;
  /** Default: the newest declared version. */
  version?: number;
  /** An id of uuid8() makes recording idempotent. Default: a new id. */
  id?: string;
  /** Exact to the millisecond. Default: the time in `id`, or now. */
  occurredAt?: Date;
  broker?: string;
  userId?: string;
  instrumentId?: string;
  /** Default: the correlation id of the running request, message or job. */
  correlationId?: string;
  causationId?: string;
}

/** `recorded: false`: the id existed, and nothing was written. */
export interface EventReceipt {
  id: string;
  recorded: boolean;
}

/**
 * The log of events. Call it inside the transaction of the change that the event describes, so that both are committed together.
 * In the same transaction each event goes to the change feed (topic `events`, key its id) and to the listeners of this process.
 * A transaction is opened if none is. In a process without listeners the event waits in the inbox for a process that has some.
 */
@Injectable()
export class EventLog {
  constructor(
    private readonly events: EventsRepository,
    private readonly listeners: EventListeners,
    private readonly inbox: EventInboxRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    @InjectMetric('events_recorded_total') private readonly recorded: Counter<'type'>,
  ) {}

  /** @throws DomainError EVENTS_TYPE_UNDECLARED, EVENTS_PAYLOAD_INVALID, EVENTS_ID_TIME_MISMATCH */
  async record(event: RecordedEvent): Promise<EventReceipt> {
    const [receipt] = await this.recordMany([event]);
    return receipt!;
  }

  /**
   * Records many events in one statement. The results are in the order of the events.
   * @param options `unheard`: no listener of any process learns of them, so they raise no alerts
   * @throws as record(), and then records none
   */
  async recordMany(events: readonly RecordedEvent[], options: { unheard?: boolean } = {}): Promise<EventReceipt[]> {
    if (events.length === 0) return [];
    const rows = events.map(toRow);
    if (options.unheard) return this.insert(rows, true);
    if (this.listeners.none) return this.insert(rows, false);
    const work = (): Promise<EventReceipt[]> => this.insertAndTell(rows);
    return this.transactions.isOpen ? work() : this.transactions.atomic(work);
  }

  private async insertAndTell(rows: readonly RecordedRow[]): Promise<EventReceipt[]> {
    const receipts = await this.insert(rows, true);
    const fresh = rows.filter((_, index) => receipts[index]!.recorded);
    try {
      await this.listeners.notify(fresh, 'recorder');
    } catch (error) {
      if (!(error instanceof ListenerGaveUp)) throw error;
      // The recorder must not fail because a listener has no time for its events.
      const ids = fresh.map(({ id }) => id);
      await this.inbox.postpone(ids, error.eventId);
    }
    return receipts;
  }

  private async insert(rows: readonly RecordedRow[], told: boolean): Promise<EventReceipt[]> {
    const inserted = await this.events.insert(rows, told);
    if (inserted.size > 0) this.changes.hint();
    const types: string[] = [];
    const receipts = rows.map(({ id, type }) => {
      const recorded = inserted.delete(id); // removes the id, so that the second of two equal ids is `false`
      if (recorded) types.push(type);
      return { id, recorded };
    });
    this.count(types);
    return receipts;
  }

  /**
   * Counts events after the commit, so that rolled back and repeated work is not counted.
   * @param types one per event: the `recordedTypes` of a statement that records by itself (recordEventsSql)
   */
  count(types: readonly string[]): void {
    if (types.length === 0) return;
    this.transactions.afterCommit(() => {
      for (const type of types) this.recorded.inc({ type });
    });
  }

  /** Removes the events of these users and notifies the screens, for `demo clear`. @returns the number of events */
  async removeOfUsers(userIds: readonly string[]): Promise<number> {
    const removed = await this.events.removeOfUsers(userIds);
    if (removed > 0) this.changes.hint();
    return removed;
  }

  /** Removes these events and notifies the screens, for `demo clear`. @returns the number of events */
  async remove(ids: readonly string[]): Promise<number> {
    const removed = await this.events.remove(ids);
    if (removed > 0) this.changes.hint();
    return removed;
  }
}

function toRow(event: RecordedEvent): RecordedRow {
  const occurredAt = event.occurredAt ?? (event.id === undefined ? new Date() : timeOfUuid(event.id));
  const id = event.id?.toLowerCase() ?? uuid7(occurredAt);
  if (timeOfUuid(id).getTime() !== occurredAt.getTime()) throw idTimeMismatch(id, occurredAt);
  return {
    ...checkedPayload(event.type, event.payload, event.version),
    id,
    type: event.type,
    occurredAt,
    broker: event.broker ?? null,
    userId: event.userId ?? null,
    instrumentId: event.instrumentId ?? null,
    correlationId: event.correlationId ?? correlationId(),
    causationId: event.causationId ?? null,
  };
}
