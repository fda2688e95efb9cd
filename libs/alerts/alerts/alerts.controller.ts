import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#auth';
import { Fails } from '#http';
import { Costly } from '#throttling';
import {
  type Acknowledge,
  acknowledgedSchema,
  type Acknowledged,
  acknowledgeSchema,
  type AlertDetail,
  alertDetailSchema,
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
  @ApiOperation({
    summary: 'List your alerts, newest first. Operators see all',
    description: 'An alert of the desk belongs to no user: operators see it.',
  })
  @ApiOkResponse({ standardSchema: alertsPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: alertsQuerySchema }) query: AlertsQuery,
  ): Promise<AlertsPage> {
    return this.alerts.list(principal, query);
  }

  @Get(':id')
  @Fails('ALERTS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get an alert with its event, its links and its deliveries',
    description: 'Users see their own alerts, operators all.',
  })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: alertIdSchema }) id: string,
  ): Promise<AlertDetail> {
    return this.alerts.get(principal, id);
  }

  @Post('acknowledge')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Acknowledge up to 500 alerts, with one status per alert',
    description: 'Repeating it changes nothing. An alert that does not exist stops no other.',
  })
  @ApiOkResponse({ standardSchema: acknowledgedSchema })
  acknowledgeMany(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: acknowledgeSchema }) body: Acknowledge,
  ): Promise<Acknowledged> {
    return this.alerts.acknowledgeMany(principal, body);
  }

  @Post(':id/acknowledge')
  @Fails('ALERTS_NOT_FOUND')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Acknowledge an alert. Repeating it changes nothing',
    description: 'The first acknowledgement counts.',
  })
  @ApiOkResponse({ standardSchema: alertSchema })
  acknowledge(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: alertIdSchema }) id: string,
  ): Promise<AlertView> {
    return this.alerts.acknowledge(principal, id);
  }
}
