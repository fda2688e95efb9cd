import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import { Fails } from '#http';
import { Costly } from '#throttling';
import {
  eventIdSchema,
  type EventItem,
  eventSchema,
  type EventsPage,
  eventsPageSchema,
  type EventsQuery,
  eventsQuerySchema,
} from './event.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  /** Lists events, newest first. Operators see all, others their own. */
  @Get()
  @Costly()
  @Fails('EVENTS_NOT_YOURS')
  @ApiOperation({
    summary: 'List events by correlation id, type, user and time',
    description: 'Operators see all events, others their own.',
  })
  @ApiOkResponse({ standardSchema: eventsPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: eventsQuerySchema }) query: EventsQuery,
  ): Promise<EventsPage> {
    return this.events.list(principal, query);
  }

  @Get(':id')
  @Fails('EVENTS_NOT_FOUND')
  @ApiOperation({ summary: 'Get an event', description: 'Operators see all events, others their own.' })
  @ApiOkResponse({ standardSchema: eventSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: eventIdSchema }) id: string,
  ): Promise<EventItem> {
    return this.events.get(principal, id);
  }
}
