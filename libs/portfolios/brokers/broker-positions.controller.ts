import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Fails } from '#http';
import { Costly } from '#throttling';
import { portfolioId } from '../wire-fields.js';
import { type BrokerReconciliation, brokerReconciliation } from './broker-positions.dto.js';
import { BrokerPositionsService } from './broker-positions.service.js';

@ApiTags('portfolios')
@ApiBearerAuth()
@Controller('v1/portfolios')
export class BrokerPositionsController {
  constructor(private readonly positions: BrokerPositionsService) {}

  @Get(':id/reconciliation')
  @Costly()
  @Fails(
    'PORTFOLIOS_BROKER_FAILED',
    'PORTFOLIOS_BROKER_NOT_CONFIGURED',
    'PORTFOLIOS_BROKER_SIGN_IN',
    'PORTFOLIOS_EXPORT_UNREADABLE',
    'PORTFOLIOS_NOT_FOUND',
    'SESSIONS_NOT_ACTIVE',
  )
  @Roles('trader')
  @ApiOperation({
    summary: "Compare a portfolio's snapshot with the positions that its broker has now",
    description:
      "Fetches the positions from the configured URL of the broker with the token of the owner's broker session. Stores nothing.",
  })
  @ApiOkResponse({ standardSchema: brokerReconciliation })
  reconcile(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
  ): Promise<BrokerReconciliation> {
    return this.positions.reconcile(principal, id);
  }
}
