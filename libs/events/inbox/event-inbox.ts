import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Database, isConnectionLost, Startup, Transactions } from '#database';
import { DeskRole } from '#background';
import { withCorrelation } from '#telemetry';
import { EventInboxRepository } from './event-inbox.repository.js';
import { EventListeners } from './event-listeners.js';

const BATCH = 200;
const POLL_MS = 1_000;

/**
 * Tells the listeners of events that a single statement of SQL recorded: takes them from `event_inbox` and tells, in one
 * transaction, so each event is heard exactly once. Woken by the change feed's hint; a lost hint costs one poll.
 */
@Injectable()
export class EventInbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventInbox.name);
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;
  private draining: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(
    private readonly inbox: EventInboxRepository,
    private readonly listeners: EventListeners,
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly startup: Startup,
    private readonly role: DeskRole,
    @InjectMetric('events_inbox_told_total') private readonly told: Counter,
    @InjectMetric('events_inbox_failures_total') private readonly failures: Counter,
  ) {}

  onApplicationBootstrap(): void {
    if (this.listeners.none || !this.role.worker) return;
    void this.startup.whenReady().then(
      () => {
        if (this.stopped) return;
        this.unsubscribe = this.changes.onChange('events', () => this.wake());
        this.timer = setInterval(() => this.wake(), POLL_MS).unref();
        this.wake();
      },
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.unsubscribe?.();
    await this.draining;
  }

  /** Tells all that waits. @returns how many events */
  async drain(): Promise<number> {
    let told = 0;
    for (let size = BATCH; !this.stopped;) {
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
        size = 1; // one by one, so that the one that fails is found and stops no other
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
      // Nothing taken, or PostgreSQL is gone: no fault of an event.
      if (taken.length === 0 || isConnectionLost(error)) throw error;
      return { told: 0, failed: { id: taken[0]!, error } };
    }
    if (taken.length > 0) this.told.inc(taken.length);
    return { told: taken.length };
  }

  private wake(): void {
    if (this.stopped || this.database.readOnly) return;
    if (this.draining) {
      this.again = true;
      return;
    }
    this.draining = withCorrelation(undefined, () => this.drain())
      .then(
        () => undefined,
        (error: unknown) => this.logger.warn({ msg: 'the event inbox could not be read; trying again', err: error }),
      )
      .finally(() => {
        this.draining = undefined;
        if (!this.again) return;
        this.again = false;
        this.wake();
      });
  }
}
