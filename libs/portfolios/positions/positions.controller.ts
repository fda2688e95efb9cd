import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import type { Page } from '#http';
import type { PositionItem } from '../book/position-row.js';
import { listPositions, type ListPositions, positionPage } from './positions.dto.js';
import { PositionsService } from './positions.service.js';

@ApiTags('portfolios')
@ApiBearerAuth()
@Controller('v1/positions')
export class PositionsController {
  constructor(private readonly positions: PositionsService) {}

  @Get()
  @ApiOperation({
    operationId: 'positionsList',
    summary: 'List the positions of open portfolios: your own, or for operators all of them',
    description:
      'The rows of the panel `positions`, of one portfolio or of all, by portfolio, key and leg. Amounts are computed when they are read.',
  })
  @ApiOkResponse({ standardSchema: positionPage })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: listPositions }) query: ListPositions,
  ): Promise<Page<PositionItem>> {
    return this.positions.list(principal, query);
  }
}
