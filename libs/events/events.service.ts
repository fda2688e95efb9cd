import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { isOperator, type Principal } from '#auth';
import { decodeCursor, encodeCursor } from '#http';
import { firstUuidFrom } from '#ids';
import { type EventsPage, type EventsQuery, toEventView } from './event.dto.js';
import { othersEvents } from './events.errors.js';
import { EventsRepository } from './events.repository.js';

const CURSOR = z.tuple([z.uuid()]);

/** Reads the log as its reader may see it. */
@Injectable()
export class EventsService {
  constructor(private readonly events: EventsRepository) {}

  /** @throws DomainError EVENTS_NOT_YOURS, REQUEST_INVALID (cursor) */
  async list(principal: Principal, query: EventsQuery): Promise<EventsPage> {
    const { correlationId, type, from, to, limit, cursor } = query;
    const rows = await this.events.page({
      correlationId,
      type,
      user: this.visibleUser(principal, query.user),
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      beforeId: cursor && decodeCursor(cursor, CURSOR)[0],
      limit: limit + 1,
    });
    const items = rows.slice(0, limit);
    return { items: items.map(toEventView), nextCursor: rows.length > limit ? encodeCursor([items.at(-1)!.id]) : null };
  }

  private visibleUser(principal: Principal, asked: string | undefined): string | undefined {
    if (isOperator(principal)) return asked;
    if (asked !== undefined && asked.toLowerCase() !== principal.userId) throw othersEvents();
    return principal.userId;
  }
}
