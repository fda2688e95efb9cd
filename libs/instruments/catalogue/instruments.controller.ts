import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { pageFrom, Fails } from '#http';
import { Costly } from '#throttling';
import {
  instrumentIdSchema,
  instrumentSchema,
  type InstrumentsPage,
  instrumentsPageSchema,
  type InstrumentsQuery,
  instrumentsQuerySchema,
  type InstrumentView,
} from './instrument.dto.js';
import { InstrumentsService } from './instruments.service.js';

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments')
export class InstrumentsController {
  constructor(private readonly instruments: InstrumentsService) {}

  /** Searches by symbol or name: the exact symbol first, then prefixes, all words, similar ones. Without a query lists all by symbol. */
  @Get()
  @Costly()
  @ApiOperation({ summary: 'Search contracts by symbol or name, exchange, segment, type and expiry' })
  @ApiOkResponse({ standardSchema: instrumentsPageSchema })
  async search(@Query({ schema: instrumentsQuerySchema }) query: InstrumentsQuery): Promise<InstrumentsPage> {
    const { limit, cursor, delisted, ...filter } = query;
    const found = await this.instruments.search(
      { ...filter, includeDelisted: delisted === 'include' },
      limit + 1,
      cursor,
    );
    return pageFrom(
      found,
      limit,
      ({ rank, upper, id }) => [rank, upper, id],
      ({ rank: _rank, upper: _upper, ...instrument }) => instrument,
    );
  }

  @Get(':id')
  @Fails('INSTRUMENTS_NOT_FOUND')
  @ApiOperation({ summary: 'Get a contract' })
  @ApiOkResponse({ standardSchema: instrumentSchema })
  get(@Param('id', { schema: instrumentIdSchema }) id: string): Promise<InstrumentView> {
    return this.instruments.get(id);
  }
}
