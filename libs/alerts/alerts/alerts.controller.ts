import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import { Fails } from '#http';
import { Costly } from '#throttling';
import {
  alertIdSchema,
  alertSchema,
  type AlertsPage,
  alertsPageSchema,
  type AlertsQuery,
  alertsQuerySchema,
  type AlertView,
} from './alert.dto.js';
import { AlertsService } from './alerts.service.js';

@ApiTags('alerts')
@ApiBearerAuth()
@Controller('v1/alerts')
export class AlertsController {
  constructor(private readonly alerts: AlertsService) {}

  @Get()
  @Costly()
  @Fails('ALERTS_NOT_YOURS')
  @ApiOperation({ summary: 'List your alerts, newest first. Operators see all' })
  @ApiOkResponse({ standardSchema: alertsPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: alertsQuerySchema }) query: AlertsQuery,
  ): Promise<AlertsPage> {
    return this.alerts.list(principal, query);
  }

  @Post(':id/acknowledge')
  @Fails('ALERTS_NOT_FOUND')
  @HttpCode(200)
  @ApiOperation({ summary: 'Acknowledge an alert. Repeating it changes nothing' })
  @ApiOkResponse({ standardSchema: alertSchema })
  acknowledge(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: alertIdSchema }) id: string,
  ): Promise<AlertView> {
    return this.alerts.acknowledge(principal, id);
  }
}
