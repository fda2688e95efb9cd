import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { BodyLimit, Fails, type Page } from '#http';
import {
  listQuotes,
  type ListQuotes,
  postQuotes,
  type PostQuotes,
  quotePage,
  quotesPosted,
  type QuotesPosted,
  type QuoteView,
} from './quote.dto.js';
import { QuotesService } from './quotes.service.js';

@ApiTags('quotes')
@ApiBearerAuth()
@Controller('v1/quotes')
export class QuotesController {
  constructor(private readonly quotes: QuotesService) {}

  /**
   * For operators only: a quote changes the value of every user's portfolios at that broker. A write and not a bulk write: those who
   * publish quotes send the next request before the last is answered, and the writer has a limit of its own.
   */
  @Post()
  @Fails('PORTFOLIOS_QUOTES_BUSY', 'PORTFOLIOS_TOO_MANY_QUOTES')
  @ApiOperation({
    summary: 'Store up to 10,000 quotes and mark the positions that hold them',
    description:
      'A quote changes the value of every portfolio at its broker. A quote that is as old as the known one, or older, is counted as `stale`.',
  })
  @HttpCode(200)
  @Roles('operator')
  @BodyLimit(8 * 1024 * 1024, 'quotes')
  @ApiOkResponse({ standardSchema: quotesPosted })
  post(@Body({ schema: postQuotes }) body: PostQuotes): Promise<QuotesPosted> {
    return this.quotes.post(body.quotes);
  }

  @Get()
  @ApiOperation({
    summary: 'List the latest quotes of a broker',
    description: 'Sorted by key. Repeat `key` to read up to 500 quotes by their keys.',
  })
  @ApiOkResponse({ standardSchema: quotePage })
  list(@Query({ schema: listQuotes }) query: ListQuotes): Promise<Page<QuoteView>> {
    return this.quotes.list(query);
  }
}
