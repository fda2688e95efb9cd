import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { Changes } from '#changes';
import { isConnectionLost, Transactions } from '#database';
import { EventInboxRepository } from './event-inbox.repository.js';
import { EventListeners } from './event-listeners.js';

const BATCH = 200;

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
      if (result.failed !== undefined && size === 1) {
        this.failures.inc();
        this.logger.error({
          msg: 'an event could not be told to its listeners; put off',
          eventId: result.failed.id,
          err: result.failed.error,
        });
        await this.inbox.putOff(result.failed.id);
      } else if (result.failed !== undefined) {
        size = 1; // one by one, so that the failing event is found and blocks no other
      } else if (result.told < size) {
        return told;
      }
    }
    return told;
  }

  private async tell(limit: number): Promise<{ told: number; failed?: { id: string; error: unknown } }> {
    let taken: string[] = [];
    try {
      await this.transactions.atomic(async () => {
        const batch = await this.inbox.take(limit);
        taken = batch.taken;
        await this.listeners.tell(batch.events);
      });
    } catch (error) {
      // Nothing was taken, or PostgreSQL cannot be reached: not the fault of an event.
      if (taken.length === 0 || isConnectionLost(error)) throw error;
      return { told: 0, failed: { id: taken[0]!, error } };
    }
    if (taken.length > 0) this.told.inc(taken.length);
    return { told: taken.length };
  }
}
