import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { deliveriesPageSchema, deliveryLogQuerySchema } from '#deliveries';
import { Idempotent } from '#idempotency';
import { Creates, Fails } from '#http';
import { Costly } from '#throttling';
import {
  type ChangeWebhook,
  changeWebhookSchema,
  type CreateWebhook,
  createWebhookSchema,
  type HealthQuery,
  healthQuerySchema,
  type NewWebhookJson,
  newWebhookSchema,
  type RemovedWebhook,
  removedWebhookSchema,
  type Replayed,
  replayedSchema,
  replaySchema,
  type ReplayWindow,
  type RotatedSecret,
  rotatedSecretSchema,
  type TestResult,
  testResultSchema,
  type WebhookDeliveriesPage,
  type WebhookHealthJson,
  webhookHealthSchema,
  webhookIdSchema,
  type WebhookJson,
  webhookSchema,
  type WebhooksPage,
  webhooksPageSchema,
  type WebhooksQuery,
  webhooksQuerySchema,
} from './endpoints/webhook.dto.js';
import { WebhookTraffic } from './webhook-traffic.service.js';
import { WebhooksService } from './webhooks.service.js';

type LogQuery = z.output<typeof deliveryLogQuerySchema>;
const Id = () => Param('id', { schema: webhookIdSchema });

@ApiTags('webhooks')
@ApiBearerAuth()
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly traffic: WebhookTraffic,
  ) {}

  /** Lists the caller's endpoints. Operators see all. */
  @Get()
  @ApiOperation({
    summary: 'List webhooks and their state',
    description: 'Users see their own endpoints, operators see all.',
  })
  @ApiOkResponse({ standardSchema: webhooksPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: webhooksQuerySchema }) query: WebhooksQuery,
  ): Promise<WebhooksPage> {
    return this.webhooks.list(principal, query);
  }

  /** Only this answer contains the secret. */
  @Post()
  @Fails('WEBHOOKS_OPERATORS_ONLY', 'WEBHOOKS_TOO_MANY', 'WEBHOOKS_URL_REFUSED')
  @Idempotent({ secrets: ['secret', 'url'] })
  @Roles('trader')
  @ApiOperation({
    summary: 'Add a webhook. Its signing secret is shown once',
    description:
      'Messages are signed by Standard Webhooks. An endpoint of the desk belongs to no user and takes an operator.',
  })
  @Creates('/v1/webhooks/{id}', newWebhookSchema)
  create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: createWebhookSchema }) body: CreateWebhook,
  ): Promise<NewWebhookJson> {
    return this.webhooks.create(principal, body);
  }

  @Get(':id')
  @Fails('WEBHOOKS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get a webhook',
    description: 'The owner reads its whole URL. Other callers read the origin.',
  })
  @ApiOkResponse({ standardSchema: webhookSchema })
  get(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<WebhookJson> {
    return this.webhooks.show(principal, id);
  }

  @Patch(':id')
  @Fails('WEBHOOKS_NOT_FOUND', 'WEBHOOKS_OPERATORS_ONLY', 'WEBHOOKS_URL_REFUSED', 'WEBHOOKS_HEADERS_NEEDED')
  @Roles('trader')
  @ApiOperation({
    summary: 'Change a webhook. enabled: false pauses it and holds new deliveries',
    description: 'Only the given fields change.',
  })
  @ApiOkResponse({ standardSchema: webhookSchema })
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body({ schema: changeWebhookSchema }) body: ChangeWebhook,
  ): Promise<WebhookJson> {
    return this.webhooks.change(principal, id, body);
  }

  /** `waiting` of the webhook shows beforehand what is cancelled. */
  @Delete(':id')
  @Fails('WEBHOOKS_NOT_FOUND')
  @Roles('trader')
  @ApiOperation({
    summary: 'Remove a webhook and its secrets. Its waiting deliveries are cancelled, and counted in the answer',
    description: '`waiting` of the webhook shows beforehand how many are cancelled.',
  })
  @ApiOkResponse({ standardSchema: removedWebhookSchema })
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<RemovedWebhook> {
    return this.webhooks.remove(principal, id);
  }

  @Post(':id/test')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Send a signed test message now and return the result',
    description: 'Answers when the receiver has answered, or at the timeout.',
  })
  @ApiOkResponse({ standardSchema: testResultSchema })
  test(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<TestResult> {
    return this.traffic.test(principal, id);
  }

  /** Both secrets sign for 24 h. */
  @Post(':id/rotate-secret')
  @Fails('WEBHOOKS_NOT_FOUND')
  @Idempotent({ secrets: ['secret'] })
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Make a new signing secret. For 24 hours messages have both signatures',
    description: 'The secret is shown once.',
  })
  @ApiOkResponse({ standardSchema: rotatedSecretSchema })
  rotate(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<RotatedSecret> {
    return this.webhooks.rotateSecret(principal, id);
  }

  @Post(':id/pause')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Pause a webhook. Its deliveries are held until it is enabled; `waiting` counts them',
    description: 'Pausing it again changes nothing.',
  })
  @ApiOkResponse({ standardSchema: webhookSchema })
  pause(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<WebhookJson> {
    return this.webhooks.pause(principal, id);
  }

  @Post(':id/enable')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Enable a disabled webhook. Held deliveries are sent in order',
    description: 'This also ends a pause after repeated failures.',
  })
  @ApiOkResponse({ standardSchema: webhookSchema })
  enable(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<WebhookJson> {
    return this.webhooks.enable(principal, id);
  }

  @Post(':id/replay')
  @Fails('WEBHOOKS_NOT_FOUND')
  @Idempotent()
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({
    summary: 'Send the deliveries of a time window again, with the same message ids',
    description: 'A receiver that keeps the ids of messages processes each once.',
  })
  @ApiOkResponse({ standardSchema: replayedSchema })
  replay(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body({ schema: replaySchema }) body: ReplayWindow,
  ): Promise<Replayed> {
    return this.traffic.replay(principal, id, body);
  }

  @Get(':id/deliveries')
  @Costly()
  @Fails('WEBHOOKS_NOT_FOUND')
  @ApiOperation({
    summary: 'List deliveries of a webhook by status, alert and time, with attempts, status code and latency',
    description: 'The body and the attempts of one are at `GET /v1/deliveries/{id}`.',
  })
  @ApiOkResponse({ standardSchema: deliveriesPageSchema })
  deliveries(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query({ schema: deliveryLogQuerySchema }) query: LogQuery,
  ): Promise<WebhookDeliveriesPage> {
    return this.traffic.list(principal, id, query);
  }

  @Get(':id/health')
  @Fails('WEBHOOKS_NOT_FOUND')
  @ApiOperation({
    summary: 'Get the state of a webhook, its waiting deliveries and its attempts per minute',
    description: 'Minutes without an attempt are left out.',
  })
  @ApiOkResponse({ standardSchema: webhookHealthSchema })
  health(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query({ schema: healthQuerySchema }) query: HealthQuery,
  ): Promise<WebhookHealthJson> {
    return this.traffic.healthOf(principal, id, query);
  }
}
