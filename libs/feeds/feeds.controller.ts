import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Roles } from '#auth';
import { Creates } from '#http';
import { Idempotent } from '#idempotency';
import { Fails } from '#http';
import {
  type ChangeFeed,
  changeFeedSchema,
  type CreateFeed,
  createFeedSchema,
  type CyclesPage,
  cyclesPageSchema,
  type CyclesQuery,
  cyclesQuerySchema,
  feedIdSchema,
  feedSchema,
  type FeedsQuery,
  feedsQuerySchema,
  feedsSchema,
  type FeedsView,
  type FeedView,
  runSchema,
  type RunView,
} from './feed.dto.js';
import { FeedsService } from './feeds.service.js';

@ApiTags('feeds')
@ApiBearerAuth()
@Controller('v1/feeds')
export class FeedsController {
  constructor(private readonly feeds: FeedsService) {}

  /** Every user may read this, to see whether the data of the desk is current. */
  @Get()
  @ApiOperation({
    summary: 'List feeds with their state and last cycles',
    description: 'Every user may read this, to see whether the data of the desk is current.',
  })
  @ApiOkResponse({ standardSchema: feedsSchema })
  list(@Query({ schema: feedsQuerySchema }) query: FeedsQuery): Promise<FeedsView> {
    return this.feeds.list(query);
  }

  @Post()
  @Fails('FEEDS_NAME_TAKEN', 'FEEDS_TOO_MANY')
  @Idempotent()
  @ApiOperation({
    summary: 'Add a feed. It is polled at once',
    description:
      'Entries that the feed held before are recorded without an alert, except for the newest `alertOnFirst`.',
  })
  @Roles('operator')
  @Creates('/v1/feeds/{id}', feedSchema)
  create(@Body({ schema: createFeedSchema }) body: CreateFeed): Promise<FeedView> {
    return this.feeds.create(body);
  }

  @Get(':id')
  @Fails('FEEDS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get a feed',
    description: 'With its state, its last five cycles and the figures of the last 100.',
  })
  @ApiOkResponse({ standardSchema: feedSchema })
  get(@Param('id', { schema: feedIdSchema }) id: string): Promise<FeedView> {
    return this.feeds.get(id);
  }

  @Get(':id/cycles')
  @Fails('FEEDS_NOT_FOUND')
  @ApiOperation({
    summary: 'List the cycles of a feed with the duration of each stage, newest first',
    description: 'With the answer of the source, the number of entries, and the error of a cycle that failed.',
  })
  @ApiOkResponse({ standardSchema: cyclesPageSchema })
  cycles(
    @Param('id', { schema: feedIdSchema }) id: string,
    @Query({ schema: cyclesQuerySchema }) query: CyclesQuery,
  ): Promise<CyclesPage> {
    return this.feeds.listCycles(id, query);
  }

  @Patch(':id')
  @Fails('FEEDS_NAME_TAKEN', 'FEEDS_NOT_FOUND')
  @ApiOperation({
    summary: 'Change a feed',
    description: 'Only the given fields change. The kind cannot: claims of one kind have no meaning for another.',
  })
  @Roles('operator')
  @ApiOkResponse({ standardSchema: feedSchema })
  change(
    @Param('id', { schema: feedIdSchema }) id: string,
    @Body({ schema: changeFeedSchema }) body: ChangeFeed,
  ): Promise<FeedView> {
    return this.feeds.change(id, body);
  }

  @Delete(':id')
  @Fails('FEEDS_NOT_FOUND')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a feed with its claims and cycles. Its events stay',
    description: 'A feed that is added again later records its entries again.',
  })
  @Roles('operator')
  @ApiNoContentResponse()
  remove(@Param('id', { schema: feedIdSchema }) id: string): Promise<void> {
    return this.feeds.remove(id);
  }

  /** Makes the feed due now. A worker polls it within a second. */
  @Post(':id/run')
  @Fails('FEEDS_BUSY', 'FEEDS_DISABLED', 'FEEDS_NOT_FOUND')
  @HttpCode(202)
  @ApiOperation({ summary: 'Poll a feed now', description: 'Makes the feed due. A worker polls it within a second.' })
  @Roles('operator')
  @ApiAcceptedResponse({ standardSchema: runSchema })
  async run(@Param('id', { schema: feedIdSchema }) id: string): Promise<RunView> {
    await this.feeds.runNow(id);
    return { id, queued: true };
  }
}
