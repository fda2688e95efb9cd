import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { wireText } from '#text';
import { decodeCursor, encodeCursor } from '#http';
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

const cursorShape = z.tuple([z.string().regex(/^\d(\.\d{1,6})?$/), wireText(1000), z.uuid()]);

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments')
export class InstrumentsController {
  constructor(private readonly instruments: InstrumentsService) {}

  /** By symbol or name: the exact symbol first, then starts, then all words, then what is alike. Without a query all, by symbol. */
  @Get()
  @ApiOperation({ summary: 'Search contracts by symbol or name, exchange, segment, type and expiry' })
  @ApiOkResponse({ standardSchema: instrumentsPageSchema })
  async search(@Query({ schema: instrumentsQuerySchema }) query: InstrumentsQuery): Promise<InstrumentsPage> {
    const { limit, cursor, delisted, ...filter } = query;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, cursorShape);
    const found = await this.instruments.search(
      { ...filter, includeDelisted: delisted === 'include' },
      limit + 1,
      after,
    );
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map(({ rank: _rank, upper: _upper, ...instrument }) => instrument),
      nextCursor: last ? encodeCursor([last.rank, last.upper, last.id]) : null,
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One contract' })
  @ApiOkResponse({ standardSchema: instrumentSchema })
  get(@Param('id', { schema: instrumentIdSchema }) id: string): Promise<InstrumentView> {
    return this.instruments.get(id);
  }
}
