import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, ownRowsOf, type Principal, Roles } from '#auth';
import { Idempotent } from '#idempotency';
import { Fails } from '#http';
import { Costly } from '#throttling';
import { DeliveriesService } from './deliveries.service.js';
import {
  type DeliveriesPage,
  deliveriesPageSchema,
  type DeliveriesQuery,
  deliveriesQuerySchema,
  type DeliveryDetailJson,
  deliveryDetailSchema,
  deliveryIdSchema,
  type Retried,
  retriedSchema,
  type RetryMany,
  retryManySchema,
} from './delivery.dto.js';

@ApiTags('deliveries')
@ApiBearerAuth()
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /** Users see deliveries to their own endpoints, operators see all. */
  @Get()
  @Costly()
  @ApiOperation({
    summary: 'List deliveries by status, endpoint, alert and time. status=dead lists the dead letters',
    description: 'Users see deliveries to their own endpoints, operators see all.',
  })
  @ApiOkResponse({ standardSchema: deliveriesPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: deliveriesQuerySchema }) query: DeliveriesQuery,
  ): Promise<DeliveriesPage> {
    return this.deliveries.list(query, ownRowsOf(principal));
  }

  @Get(':id')
  @Fails('DELIVERIES_NOT_FOUND')
  @ApiOperation({
    summary: 'Get a delivery with its body and every attempt',
    description: 'Users see deliveries to their own endpoints, operators see all.',
  })
  @ApiOkResponse({ standardSchema: deliveryDetailSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: deliveryIdSchema }) id: string,
  ): Promise<DeliveryDetailJson> {
    return this.deliveries.get(id, ownRowsOf(principal));
  }

  @Post('retry')
  @Idempotent()
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Send up to 500 deliveries again now, with one status per delivery',
    description: 'As the retry of one delivery. A delivery that cannot be sent stops no other.',
  })
  @ApiOkResponse({ standardSchema: retriedSchema })
  retryMany(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: retryManySchema }) { ids }: RetryMany,
  ): Promise<Retried> {
    return this.deliveries.retryMany(ids, ownRowsOf(principal));
  }

  /** Sends a delivery again in any status except `sending`. Replaces a pending automatic retry. */
  @Post(':id/retry')
  @Fails('DELIVERIES_ENDPOINT_GONE', 'DELIVERIES_IN_FLIGHT', 'DELIVERIES_NOT_FOUND')
  @Idempotent()
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Send a delivery again now, with the same message id and from the start of the schedule',
    description: 'For a delivery in any status except `sending`. It replaces a pending automatic retry.',
  })
  @ApiOkResponse({ standardSchema: deliveryDetailSchema })
  async retry(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: deliveryIdSchema }) id: string,
  ): Promise<DeliveryDetailJson> {
    await this.deliveries.retry(id, ownRowsOf(principal));
    return this.deliveries.get(id, ownRowsOf(principal));
  }
}
