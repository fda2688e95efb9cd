import { Injectable } from '@nestjs/common';
import { isOperator, type Principal } from '#auth';
import { ReadSnapshot } from '#database';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { type EventsPage, type EventsQuery, toEventView } from './event.dto.js';
import { othersEvents } from './events.errors.js';
import { EventsRepository } from './events.repository.js';

/** Reads the events that the caller may see. */
@Injectable()
export class EventsService {
  constructor(private readonly events: EventsRepository) {}

  /** @throws DomainError EVENTS_NOT_YOURS */
  @ReadSnapshot()
  async list(principal: Principal, query: EventsQuery): Promise<EventsPage> {
    const { correlationId, type, from, to, limit, cursor } = query;
    const rows = await this.events.page({
      correlationId,
      type,
      user: this.visibleUser(principal, query.user),
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      beforeId: cursor,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, toEventView);
  }

  private visibleUser(principal: Principal, asked: string | undefined): string | undefined {
    if (isOperator(principal)) return asked;
    if (asked !== undefined && asked.toLowerCase() !== principal.userId) throw othersEvents();
    return principal.userId;
  }
}
