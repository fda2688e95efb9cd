import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import { pageFrom, Fails } from '#http';
import {
  type ChangeWatchlist,
  changeWatchlistSchema,
  followedSchema,
  type FollowedView,
  instrumentIdSchema,
  type WatchlistChanged,
  watchlistChangedSchema,
  type WatchlistPage,
  watchlistPageSchema,
  watchlistOrder,
  type WatchlistQuery,
  watchlistQuerySchema,
} from './instrument.dto.js';
import { WatchlistService } from './watchlist.service.js';

@ApiTags('watchlist')
@ApiBearerAuth()
@Controller('v1/watchlist')
export class WatchlistController {
  constructor(private readonly watchlist: WatchlistService) {}

  /** Lists the contracts that the caller follows, including delisted ones. */
  @Get()
  @ApiOperation({ summary: 'List the contracts that you follow', description: 'Including delisted ones.' })
  @ApiOkResponse({ standardSchema: watchlistPageSchema })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: watchlistQuerySchema }) query: WatchlistQuery,
  ): Promise<WatchlistPage> {
    const { sort, limit, cursor } = query;
    const found = await this.watchlist.list(principal.userId, limit + 1, sort, cursor);
    return pageFrom(found, limit, ({ id, followedAt, tradingsymbol }) =>
      watchlistOrder.keyOf(sort, id, { id: '', followedAt, tradingsymbol }),
    );
  }

  @Post()
  @Fails('INSTRUMENTS_TOO_MANY_FOLLOWED')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Follow contracts, and stop following others, up to 1,000 each',
    description: 'Repeating it changes nothing. An id without a contract stops no other; `notFound` lists it.',
  })
  @ApiOkResponse({ standardSchema: watchlistChangedSchema })
  change(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: changeWatchlistSchema }) body: ChangeWatchlist,
  ): Promise<WatchlistChanged> {
    return this.watchlist.change(principal.userId, body);
  }

  @Get(':instrumentId')
  @Fails('INSTRUMENTS_NOT_FOLLOWED')
  @ApiOperation({ summary: 'Show whether you follow a contract', description: 'With the time since when.' })
  @ApiOkResponse({ standardSchema: followedSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('instrumentId', { schema: instrumentIdSchema }) instrumentId: string,
  ): Promise<FollowedView> {
    return this.watchlist.get(principal.userId, instrumentId);
  }

  /** Follows a contract. Repeating it is not an error. */
  @Put(':instrumentId')
  @Fails('INSTRUMENTS_NOT_FOUND', 'INSTRUMENTS_TOO_MANY_FOLLOWED')
  @ApiOperation({ summary: 'Follow a contract', description: 'Repeating it is not an error.' })
  @ApiOkResponse({ standardSchema: followedSchema })
  put(
    @CurrentPrincipal() principal: Principal,
    @Param('instrumentId', { schema: instrumentIdSchema }) instrumentId: string,
  ): Promise<FollowedView> {
    return this.watchlist.follow(principal.userId, instrumentId);
  }

  /** Stops following a contract. Repeating it is not an error. */
  @Delete(':instrumentId')
  @Fails('INSTRUMENTS_NOT_FOLLOWED')
  @ApiOperation({ summary: 'Stop following a contract', description: 'Repeating it is not an error.' })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The contract is not followed' })
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('instrumentId', { schema: instrumentIdSchema }) instrumentId: string,
  ): Promise<void> {
    return this.watchlist.unfollow(principal.userId, instrumentId);
  }
}
