import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { Fails } from '#http';
import { Costly } from '#throttling';
import {
  accessionParam,
  type FilingAnswer,
  filingSchema,
  type FilingsPage,
  filingsPageSchema,
  type FilingsQuery,
  filingsQuerySchema,
  type TickersAnswer,
  type TickersQuery,
  tickersQuerySchema,
  tickersSchema,
  type UsageAnswer,
  type UsageQuery,
  usageQuerySchema,
  usageSchema,
} from './filing.dto.js';
import { FilingsService } from './filings.service.js';

@ApiTags('filings')
@ApiBearerAuth()
@Controller('v1/filings')
export class FilingsController {
  constructor(private readonly filings: FilingsService) {}

  /** Lists filings, each with its summary, its original and its amendments. */
  @Get()
  @Costly()
  @ApiOperation({
    summary: 'List filings by form, filer, ticker and time',
    description: 'Each with its summary, its original and its amendments.',
  })
  @ApiOkResponse({ standardSchema: filingsPageSchema })
  list(@Query({ schema: filingsQuerySchema }) query: FilingsQuery): Promise<FilingsPage> {
    return this.filings.list(query);
  }

  /** Reports the cost of this month's summaries and the rest of the budget. */
  @Get('usage')
  @Costly()
  @Roles('operator')
  @ApiOperation({
    summary: 'Report the summaries of a month: tokens, cost, hits, misses, budget',
    description: 'With what is left of the budget of the month.',
  })
  @ApiOkResponse({ standardSchema: usageSchema })
  usage(@Query({ schema: usageQuerySchema }) query: UsageQuery): Promise<UsageAnswer> {
    return this.filings.usage(query);
  }

  @Get('tickers')
  @ApiOperation({
    summary: 'List the filers of a ticker, or the tickers of a filer, with their times, and the loads of ticker files',
    description: 'Give either `ticker` or `cik`.',
  })
  @ApiOkResponse({ standardSchema: tickersSchema })
  tickers(@Query({ schema: tickersQuerySchema }) query: TickersQuery): Promise<TickersAnswer> {
    return this.filings.tickerPeriods(query);
  }

  @Get(':accession')
  @Fails('FILINGS_ACCESSION_INVALID', 'FILINGS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get one filing by its accession number',
    description: 'With its summary, its original and its amendments.',
  })
  @ApiOkResponse({ standardSchema: filingSchema })
  @ApiNotFoundResponse({ description: 'FILINGS_NOT_FOUND' })
  find(@Param('accession', { schema: accessionParam }) accession: string): Promise<FilingAnswer> {
    return this.filings.find(accession);
  }
}
