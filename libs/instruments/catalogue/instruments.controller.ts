import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { pageFrom, Fails } from '#http';
import { Costly } from '#throttling';
import {
  type ChainPage,
  chainPageSchema,
  type ChainQuery,
  chainQuerySchema,
  type ExpiriesPage,
  expiriesPageSchema,
  type ExpiriesQuery,
  expiriesQuerySchema,
  instrumentIdSchema,
  instrumentSchema,
  type InstrumentsPage,
  instrumentsPageSchema,
  type InstrumentsQuery,
  instrumentsQuerySchema,
  type InstrumentView,
} from './instrument.dto.js';
import type { OptionRow } from './instrument-series.repository.js';
import { InstrumentsService } from './instruments.service.js';

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments')
export class InstrumentsController {
  constructor(private readonly instruments: InstrumentsService) {}

  /** Searches by symbol, name, code or contract. Without a query lists all by symbol. */
  @Get()
  @Costly()
  @ApiOperation({
    summary: 'Search contracts by symbol, name, code, underlying, expiry and strike',
    description:
      'A contract such as `NIFTY 2 DEC 26000 CE` finds the contracts that fit, the nearest expiry first. Other queries find the exact symbol, then codes, beginnings, all words, parts, and similar names.',
  })
  @ApiOkResponse({ standardSchema: instrumentsPageSchema })
  async search(@Query({ schema: instrumentsQuerySchema }) query: InstrumentsQuery): Promise<InstrumentsPage> {
    const { limit, cursor, delisted, key, ...filter } = query;
    const found = await this.instruments.search(
      { ...filter, ...(key && { keys: key }), includeDelisted: delisted === 'include' },
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

  @Get('expiries')
  @ApiOperation({ summary: 'List the expiries of an underlying', description: 'Sorted by day, of listed contracts.' })
  @ApiOkResponse({ standardSchema: expiriesPageSchema })
  async expiries(@Query({ schema: expiriesQuerySchema }) query: ExpiriesQuery): Promise<ExpiriesPage> {
    const { underlying, limit, cursor, ...filter } = query;
    const found = await this.instruments.expiries(underlying, filter, limit + 1, cursor);
    return pageFrom(found, limit, ({ expiry, broker, exchange }) => [expiry, broker, exchange]);
  }

  @Get('chain')
  @Fails('INSTRUMENTS_SERIES_NOT_FOUND')
  @ApiOperation({
    summary: 'Get the option chain of an underlying: call and put of each strike of one expiry',
    description: 'Without `expiry`, the nearest one.',
  })
  @ApiOkResponse({ standardSchema: chainPageSchema })
  async chain(@Query({ schema: chainQuerySchema }) { limit, cursor, ...key }: ChainQuery): Promise<ChainPage> {
    const { expiry, options } = await this.instruments.chain(key, limit + 1, cursor);
    const page = pageFrom(strikesOf(options), limit, ({ exchange, strike }) => [exchange, strike]);
    return { underlying: key.underlying, broker: key.broker, expiry, ...page };
  }

  @Get(':id')
  @Fails('INSTRUMENTS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get a contract',
    description: 'Also a delisted one. Its id never changes, unlike its symbol and its key.',
  })
  @ApiOkResponse({ standardSchema: instrumentSchema })
  get(@Param('id', { schema: instrumentIdSchema }) id: string): Promise<InstrumentView> {
    return this.instruments.get(id);
  }
}

/** Puts call and put of a strike side by side. */
function strikesOf(options: readonly OptionRow[]): ChainPage['items'] {
  const strikes: ChainPage['items'] = [];
  for (const { exchange, strike, side, instrument } of options) {
    const last = strikes.at(-1);
    if (last?.exchange === exchange && last.strike === strike) last[side] = instrument;
    else strikes.push({ exchange, strike, call: null, put: null, [side]: instrument });
  }
  return strikes;
}
