import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { deliveriesPageSchema } from '#deliveries';
import { Idempotent } from '#idempotency';
import { Creates, Fails, pageQuery } from '#http';
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

const logQuerySchema = z.strictObject(pageQuery(z.uuid()));
type LogQuery = z.output<typeof logQuerySchema>;
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
  @ApiOperation({ summary: 'List webhooks and their state' })
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
  @ApiOperation({ summary: 'Add a webhook. Its signing secret is shown once' })
  @Creates('/v1/webhooks/{id}', newWebhookSchema)
  create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: createWebhookSchema }) body: CreateWebhook,
  ): Promise<NewWebhookJson> {
    return this.webhooks.create(principal, body);
  }

  @Get(':id')
  @Fails('WEBHOOKS_NOT_FOUND')
  @ApiOperation({ summary: 'Get a webhook' })
  @ApiOkResponse({ standardSchema: webhookSchema })
  get(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<WebhookJson> {
    return this.webhooks.show(principal, id);
  }

  @Patch(':id')
  @Fails('WEBHOOKS_NOT_FOUND', 'WEBHOOKS_OPERATORS_ONLY', 'WEBHOOKS_URL_REFUSED')
  @Roles('trader')
  @ApiOperation({ summary: 'Change a webhook. enabled: false pauses it and holds new deliveries' })
  @ApiOkResponse({ standardSchema: webhookSchema })
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body({ schema: changeWebhookSchema }) body: ChangeWebhook,
  ): Promise<WebhookJson> {
    return this.webhooks.change(principal, id, body);
  }

  @Delete(':id')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(204)
  @Roles('trader')
  @ApiOperation({ summary: 'Remove a webhook and its secrets. Its waiting deliveries are cancelled' })
  @ApiNoContentResponse({ description: 'Removed' })
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.webhooks.remove(principal, id);
  }

  @Post(':id/test')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({ summary: 'Send a signed test message now and return the result' })
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
  @ApiOperation({ summary: 'Make a new signing secret. For 24 hours messages have both signatures' })
  @ApiOkResponse({ standardSchema: rotatedSecretSchema })
  rotate(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<RotatedSecret> {
    return this.webhooks.rotateSecret(principal, id);
  }

  @Post(':id/enable')
  @Fails('WEBHOOKS_NOT_FOUND')
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({ summary: 'Enable a disabled webhook. Held deliveries are sent in order' })
  @ApiOkResponse({ standardSchema: webhookSchema })
  enable(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<WebhookJson> {
    return this.webhooks.enable(principal, id);
  }

  @Post(':id/replay')
  @Fails('WEBHOOKS_NOT_FOUND')
  @Idempotent()
  @HttpCode(200)
  @Roles('trader')
  @ApiOperation({ summary: 'Send the deliveries of a time window again, with the same message ids' })
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
  @ApiOperation({ summary: 'List deliveries of a webhook, newest first, with attempts, status code and latency' })
  @ApiOkResponse({ standardSchema: deliveriesPageSchema })
  deliveries(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query({ schema: logQuerySchema }) query: LogQuery,
  ): Promise<WebhookDeliveriesPage> {
    return this.traffic.list(principal, id, query);
  }

  @Get(':id/health')
  @Fails('WEBHOOKS_NOT_FOUND')
  @ApiOperation({ summary: 'Get the state of a webhook, its waiting deliveries and its attempts per minute' })
  @ApiOkResponse({ standardSchema: webhookHealthSchema })
  health(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query({ schema: healthQuerySchema }) query: HealthQuery,
  ): Promise<WebhookHealthJson> {
    return this.traffic.healthOf(principal, id, query);
  }
}
