import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import type { VenueName } from './calendars/calendars.js';
import {
  type PutVenueDay,
  putVenueDay,
  venueDaySchema,
  venueDaysQuery,
  type VenueDaysQuery,
  venueDaysSchema,
  type VenueDaysView,
  type VenueDayView,
  venueName,
  venuesQuery,
  venuesSchema,
  type VenuesView,
} from './venue.dto.js';
import { VenuesService } from './venues.service.js';

@ApiTags('venues')
@ApiBearerAuth()
@Controller('v1/venues')
export class VenuesController {
  constructor(private readonly venues: VenuesService) {}

  @Get()
  @ApiOperation({
    summary: 'List venues: whether each is open now, and its trading day',
    description: 'With the source of each calendar, and how far it goes.',
  })
  @ApiOkResponse({ standardSchema: venuesSchema })
  list(@Query({ schema: venuesQuery }) _query: object): VenuesView {
    return this.venues.list();
  }

  @Get(':name/days')
  @ApiOperation({
    summary: "List days of a venue's calendar with their sessions",
    description: 'By default 30 days from today.',
  })
  @ApiOkResponse({ standardSchema: venueDaysSchema })
  days(
    @Param('name', { schema: venueName }) name: VenueName,
    @Query({ schema: venueDaysQuery }) query: VenueDaysQuery,
  ): VenueDaysView {
    return this.venues.show(name, query);
  }

  @Put(':name/days')
  @ApiOperation({
    summary: "Correct a day of a venue's calendar, or remove the correction",
    description: 'For a closure or a special session that is announced at short notice.',
  })
  @Roles('operator')
  @ApiOkResponse({ standardSchema: venueDaySchema })
  correct(
    @CurrentPrincipal() principal: Principal,
    @Param('name', { schema: venueName }) name: VenueName,
    @Body({ schema: putVenueDay }) body: PutVenueDay,
  ): Promise<VenueDayView> {
    return this.venues.correct(principal, name, body);
  }
}
