import { Injectable } from '@nestjs/common';
import { isOperator, ownedBy, type Principal } from '#auth';
import { ReadSnapshot } from '#database';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { type EventItem, type EventsPage, type EventsQuery, toEventView } from './event.dto.js';
import { eventNotFound, othersEvents } from './events.errors.js';
import { EventsRepository } from './events.repository.js';

/** Reads the events that the caller may see. */
@Injectable()
export class EventsService {
  constructor(private readonly events: EventsRepository) {}

  /** May come from the replica. @throws DomainError EVENTS_NOT_YOURS */
  @ReadSnapshot({ mayBeStale: ['trading_events'] })
  async list(principal: Principal, query: EventsQuery): Promise<EventsPage> {
    const { correlationId, type, from, to, sort, limit, cursor } = query;
    const rows = await this.events.page({
      correlationId,
      types: type,
      user: this.visibleUser(principal, query.userId),
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      oldestFirst: sort === 'occurredAt',
      ...(sort === 'occurredAt' ? { afterId: cursor } : { beforeId: cursor }),
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, toEventView);
  }

  /** @throws DomainError EVENTS_NOT_FOUND, also for events that the caller may not see */
  async get(principal: Principal, id: string): Promise<EventItem> {
    const row = await this.events.find(id);
    if (row === undefined || !ownedBy(principal, row)) throw eventNotFound(id);
    return toEventView(row);
  }

  private visibleUser(principal: Principal, asked: string | undefined): string | undefined {
    if (isOperator(principal)) return asked;
    if (asked !== undefined && asked.toLowerCase() !== principal.userId) throw othersEvents();
    return principal.userId;
  }
}
