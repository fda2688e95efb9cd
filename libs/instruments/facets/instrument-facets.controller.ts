import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Costly } from '#throttling';
import { type FacetsQuery, facetsQuerySchema, facetsSchema, type FacetsView } from './instrument-facets.dto.js';
import { InstrumentFacetsService } from './instrument-facets.service.js';

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments/facets')
export class InstrumentFacetsController {
  constructor(private readonly facets: InstrumentFacetsService) {}

  /** Counts the contracts of a search by what narrows it. */
  @Get()
  @Costly()
  @ApiOperation({
    summary: 'Count the contracts of a search by broker, exchange, segment, type and expiry',
    description:
      'Takes the filters of `GET /v1/instruments`. A search by text, underlying or strike counts its 5,000 best matches; others count all.',
  })
  @ApiOkResponse({ standardSchema: facetsSchema })
  show(@Query({ schema: facetsQuerySchema }) { delisted, ...filter }: FacetsQuery): Promise<FacetsView> {
    return this.facets.facetsOf({ ...filter, includeDelisted: delisted === 'include' });
  }
}
