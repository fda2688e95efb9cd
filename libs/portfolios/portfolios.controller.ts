import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Idempotent } from '#idempotency';
import { Costly, RateClass } from '#throttling';
import { BodyLimit, type Page, Fails } from '#http';
import {
  closePortfolio,
  type ClosePortfolio,
  findPortfolio,
  type FindPortfolio,
  historyQuery,
  type HistoryQuery,
  listPortfolios,
  type ListPortfolios,
  portfolioClosing,
  type PortfolioClosing,
  portfolioHistory,
  type PortfolioHistory,
  portfolioPage,
  type PortfolioSummary,
  portfolioView,
  type PortfolioView,
} from './portfolio.dto.js';
import { idMismatch } from './portfolios.errors.js';
import { PortfoliosService } from './portfolios.service.js';
import {
  postSnapshots,
  type PostSnapshots,
  putSnapshot,
  type PutSnapshot,
  snapshotStatus,
  type SnapshotStatus,
  snapshotStatuses,
  type SnapshotStatuses,
} from './snapshots/snapshot.dto.js';
import { SnapshotsService } from './snapshots/snapshots.service.js';
import { portfolioId } from './wire-fields.js';

const MB = 1024 * 1024;

@ApiTags('portfolios')
@ApiBearerAuth()
@Controller('v1/portfolios')
export class PortfoliosController {
  constructor(
    private readonly portfolios: PortfoliosService,
    private readonly snapshots: SnapshotsService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List open or closed portfolios: your own, or for operators all of them',
    description:
      'Each without its positions. Amounts are computed when they are read, from the snapshot and the latest quotes and rates.',
  })
  @ApiOkResponse({ standardSchema: portfolioPage })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: listPortfolios }) query: ListPortfolios,
  ): Promise<Page<PortfolioSummary>> {
    return this.portfolios.list(principal, query);
  }

  @Get(':id')
  @Fails('PORTFOLIOS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get a portfolio with its positions',
    description:
      'Amounts are exact decimal strings. An amount is null if one of its parts is unknown, and `incomplete` says why.',
  })
  @ApiOkResponse({ standardSchema: portfolioView })
  find(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
    @Query({ schema: findPortfolio }) query: FindPortfolio,
  ): Promise<PortfolioView> {
    return this.portfolios.find(principal, id, query);
  }

  @Get(':id/history')
  @Costly()
  @Fails('PORTFOLIOS_NOT_FOUND')
  @ApiOperation({
    summary: "Get a portfolio's value over time: the last value of each step, at most 5,000 points",
    description: 'Without `step`, the finest step that fits into 5,000 points.',
  })
  @ApiOkResponse({ standardSchema: portfolioHistory })
  history(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
    @Query({ schema: historyQuery }) query: HistoryQuery,
  ): Promise<PortfolioHistory> {
    return this.portfolios.history(principal, id, query);
  }

  @Put(':id/closed')
  @Fails('PORTFOLIOS_NOT_FOUND')
  @Roles('trader')
  @ApiOperation({
    summary:
      'Close or reopen a portfolio: your own, or for operators any. A closed one is in no total and takes no snapshot',
    description: 'Its history stays. Repeating it changes nothing.',
  })
  @ApiOkResponse({ standardSchema: portfolioClosing })
  setClosed(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
    @Body({ schema: closePortfolio }) { closed }: ClosePortfolio,
  ): Promise<PortfolioClosing> {
    return this.portfolios.setClosed(principal, id, closed);
  }

  @Delete(':id')
  @Fails('PORTFOLIOS_NOT_FOUND')
  @Roles('trader')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a portfolio with its history: your own, or for operators any',
    description: 'The next snapshot with this id makes a new portfolio.',
  })
  @ApiNoContentResponse({ description: 'It is deleted' })
  remove(@CurrentPrincipal() principal: Principal, @Param('id', { schema: portfolioId }) id: string): Promise<void> {
    return this.portfolios.remove(principal, id);
  }

  @Put(':id/snapshot')
  @Fails(
    'PORTFOLIOS_ACCOUNT_MISMATCH',
    'PORTFOLIOS_CLOSED',
    'PORTFOLIOS_NOT_YOURS',
    'PORTFOLIOS_OWNER_MISMATCH',
    'PORTFOLIOS_OWNER_REFUSED',
    'PORTFOLIOS_REMOVED_MEANWHILE',
    'PORTFOLIOS_TOO_MANY',
    'PORTFOLIOS_TOO_MANY_POSITIONS',
    'PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER',
  )
  @ApiOperation({
    summary: "Store a portfolio's snapshot; `stale` if the current one is as new or newer",
    description: 'The first snapshot with an id makes the portfolio. Repeating a snapshot changes nothing.',
  })
  @Roles('trader')
  @BodyLimit(4 * MB, 'positions')
  @ApiOkResponse({ standardSchema: snapshotStatus })
  put(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
    @Body({ schema: putSnapshot }) body: PutSnapshot,
  ): Promise<SnapshotStatus> {
    if (body.portfolioId !== undefined && body.portfolioId !== id)
      throw idMismatch('portfolioId', body.portfolioId, id);
    return this.snapshots.put(principal, { ...body, portfolioId: id });
  }

  @Post('snapshots')
  @ApiOperation({
    summary:
      'Store up to 10,000 snapshots (16 MiB) in one transaction, with one status per item; a refused one stops no other',
    description: 'Each item is as in `PUT /v1/portfolios/{id}/snapshot`, with its `portfolioId`.',
  })
  @HttpCode(200)
  @Idempotent()
  @Roles('trader')
  @RateClass('bulk')
  @BodyLimit(16 * MB, 'snapshots')
  @ApiOkResponse({ standardSchema: snapshotStatuses })
  async postMany(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: postSnapshots }) body: PostSnapshots,
  ): Promise<SnapshotStatuses> {
    const items = await this.snapshots.store(principal, body.snapshots);
    const count = (wanted: SnapshotStatus['status']) => items.filter(({ status }) => status === wanted).length;
    return { stored: count('stored'), stale: count('stale'), refused: count('refused'), items };
  }
}
