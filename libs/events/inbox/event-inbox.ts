import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { Changes } from '#changes';
import { isConnectionLost, Transactions } from '#database';
import { DomainError } from '#errors';
import { EventInboxRepository } from './event-inbox.repository.js';
import { ListenerGaveUp } from './event-listener.js';
import { EventListeners } from './event-listeners.js';
import { SetAsideEvents } from './set-aside-events.js';

const BATCH = 200;
/** Maximum number of attempts to handle an event on which a listener gives up. */
const MAX_TRIES = 2;

/**
 * Notifies the listeners of events that a single SQL statement recorded. It takes them from `event_inbox` and notifies in the same
 * transaction, so each event is handled exactly once. The change feed's hint wakes it; a lost hint delays it by one poll.
 */
@Injectable()
export class EventInbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventInbox.name);
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly inbox: EventInboxRepository,
    private readonly listeners: EventListeners,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly tasks: BackgroundTasks,
    private readonly setAside: SetAsideEvents,
    @InjectMetric('events_inbox_told_total') private readonly told: Counter,
    @InjectMetric('events_inbox_failures_total') private readonly failures: Counter,
  ) {}

  /** Listeners are added while modules are initialised. */
  onApplicationBootstrap(): void {
    if (this.listeners.none) return;
    this.unsubscribe = this.changes.onChange('events', () => this.tasks.wake('events-inbox'));
  }

  beforeApplicationShutdown(): void {
    this.unsubscribe?.();
  }

  /** Passes all waiting events to the listeners. @returns their number */
  @Background({
    name: 'events-inbox',
    every: 1_000,
    atStart: true,
    role: 'worker',
    whenReadOnly: 'pause',
    when: ({ listeners }: EventInbox) => !listeners.none,
  })
  async drain(signal?: AbortSignal): Promise<number> {
    let told = 0;
    for (let size = BATCH; !signal?.aborted;) {
      const result = await this.tell(size);
      told += result.told;
      if (result.failed !== undefined) size = await this.afterFailure(result.failed, size);
      else if (result.told < size) return told;
    }
    return told;
  }

  /** @returns how many events to take next */
  private async afterFailure({ id, error }: { id: string; error: unknown }, size: number): Promise<number> {
    if (error instanceof ListenerGaveUp) {
      const blamed = error.eventId ?? (size === 1 ? id : undefined);
      if (blamed === undefined) return Math.ceil(size / 10); // fewer events take less time
      this.failures.inc();
      if ((await this.inbox.putOff(blamed)) >= MAX_TRIES) await this.setAside.add(blamed, error.why);
      return size;
    }
    if (size > 1) return 1; // one by one, so that the failing event is found and blocks no other
    this.failures.inc();
    this.logger.error({ msg: 'the listeners of an event failed; it is retried later', eventId: id, err: error });
    await this.inbox.putOff(id);
    return 1;
  }

  private async tell(limit: number): Promise<{ told: number; failed?: { id: string; error: unknown } }> {
    let taken: string[] = [];
    try {
      await this.transactions.atomic(async () => {
        const batch = await this.inbox.take(limit);
        taken = batch.taken;
        await this.listeners.notify(batch.events, 'inbox');
      });
    } catch (error) {
      // Nothing was taken, PostgreSQL cannot be reached, or no thread is free: not the fault of an event.
      if (taken.length === 0 || isConnectionLost(error) || isUnavailable(error)) throw error;
      return { told: 0, failed: { id: taken[0]!, error } };
    }
    if (taken.length > 0) this.told.inc(taken.length);
    return { told: taken.length };
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DomainError && error.details.kind === 'unavailable';
}
