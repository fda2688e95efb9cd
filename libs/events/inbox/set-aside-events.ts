import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { z } from 'zod';
import { Background } from '#background';
import { Atomic, Transactions } from '#database';
import { HealthRegistry } from '#system';
import { EventLog } from '../event-log.js';
import { defineEvent } from '../event-type.js';
import { EventInboxRepository } from './event-inbox.repository.js';

/** A listener could not handle an event twice. The event is recorded and readable, but no alert rule has seen it. */
const EventSetAside = defineEvent(
  'EventSetAside',
  1,
  z.strictObject({ eventId: z.uuid(), eventType: z.string(), reason: z.string() }),
  { operator: true, severity: 'critical' },
);

/** Events that were set aside: kept, counted, shown at /health and reported to operators. */
@Injectable()
export class SetAsideEvents implements OnModuleInit {
  private readonly logger = new Logger('EventInbox');
  /** Of the whole desk, at most 15 s old: /health must not wait for a connection. */
  private kept = 0;

  constructor(
    private readonly inbox: EventInboxRepository,
    private readonly events: EventLog,
    private readonly transactions: Transactions,
    private readonly health: HealthRegistry,
    @InjectMetric('events_inbox_set_aside_total') private readonly count: Counter,
  ) {}

  onModuleInit(): void {
    this.health.register({
      name: 'events_inbox',
      check: () => ({ status: 'up', setAside: this.kept }),
    });
  }

  @Background({ name: 'events-set-aside', every: 15_000, atStart: true, role: 'every-process', whenReadOnly: 'run' })
  async recount(): Promise<void> {
    this.kept = await this.inbox.countSetAside();
  }

  @Atomic()
  async add(eventId: string, reason: string): Promise<void> {
    const eventType = await this.inbox.setAside(eventId, reason);
    this.logger.error({ msg: 'an event was set aside after its second attempt', eventId, eventType, reason });
    this.transactions.afterCommit(() => {
      this.count.inc();
      this.kept += 1;
    });
    // A report about a report would lead to itself.
    if (eventType === undefined || eventType === EventSetAside.type) return;
    await this.events.record({
      type: EventSetAside.type,
      causationId: eventId,
      payload: { eventId, eventType, reason },
    });
  }
}
