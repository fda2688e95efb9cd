import { Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import { pageFrom, Fails } from '#http';
import {
  followedSchema,
  type FollowedView,
  instrumentIdSchema,
  type WatchlistPage,
  watchlistPageSchema,
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
  @ApiOperation({ summary: 'List the contracts that you follow' })
  @ApiOkResponse({ standardSchema: watchlistPageSchema })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: watchlistQuerySchema }) query: WatchlistQuery,
  ): Promise<WatchlistPage> {
    const found = await this.watchlist.list(principal.userId, query.limit + 1, query.cursor);
    return pageFrom(found, query.limit, ({ id }) => id);
  }

  @Get(':instrumentId')
  @Fails('INSTRUMENTS_NOT_FOLLOWED')
  @ApiOperation({ summary: 'Show whether you follow a contract' })
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
  @ApiOperation({ summary: 'Follow a contract' })
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
  @ApiOperation({ summary: 'Stop following a contract' })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The contract is not followed' })
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('instrumentId', { schema: instrumentIdSchema }) instrumentId: string,
  ): Promise<void> {
    return this.watchlist.unfollow(principal.userId, instrumentId);
  }
}
