import { Inject, Injectable } from '@nestjs/common';
import { isOperator, ownedBy, type Principal } from '#auth';
import { Atomic, Transactions } from '#database';
import { DeliveryLanes } from '#deliveries';
import { Egress, isEgressRefused } from '#egress';
import { DomainError } from '#errors';
import { pageFrom } from '#http';
import { Quotas } from '#quotas';
import {
  type ChangeWebhook,
  type CreateWebhook,
  type NewWebhookJson,
  type RotatedSecret,
  webhookJson,
  type WebhookJson,
  type WebhooksPage,
  type WebhooksQuery,
} from './endpoints/webhook.dto.js';
import { WEBHOOK_CHANNEL } from './webhook.channel.js';
import { EndpointEvents } from './endpoints/endpoint-events.js';
import type { WebhookEndpoint } from './endpoints/webhook-endpoint.js';
import { WebhookAdded, WebhookChanged, WebhookRemoved, WebhookSecretRotated } from './webhook-events.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { operatorsOnly, tooManyWebhooks, urlRefused, webhookNotFound } from './webhooks.errors.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';

/** Manages endpoints. Owners see and change their own, operators all. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecrets,
    private readonly health: WebhookHealth,
    private readonly lanes: DeliveryLanes,
    private readonly egress: Egress,
    private readonly events: EndpointEvents,
    private readonly transactions: Transactions,
    private readonly quotas: Quotas,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  async list(principal: Principal, { user, limit, cursor }: WebhooksQuery): Promise<WebhooksPage> {
    const owner = isOperator(principal) ? user : principal.userId;
    return pageFrom(await this.endpoints.page(owner, cursor, limit + 1), limit, ({ id }) => id, webhookJson);
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND, also for another user's endpoint, whose existence must not be shown */
  async find(principal: Principal, id: string): Promise<WebhookEndpoint> {
    return visible(principal, id, await this.endpoints.find(id));
  }

  /**
   * @returns the endpoint with its secret, which no later answer contains
   * @throws DomainError WEBHOOKS_URL_REFUSED, WEBHOOKS_OPERATORS_ONLY, WEBHOOKS_TOO_MANY
   */
  async create(principal: Principal, given: CreateWebhook): Promise<NewWebhookJson> {
    const { desk, ...rest } = given;
    for (const field of ['desk', 'operator'] as const)
      if (given[field] && !isOperator(principal)) throw operatorsOnly(field);
    // Outside the transaction, because DNS may take long.
    const settings = {
      ...rest,
      url: await this.allowedUrl(given.url),
      concurrency: given.concurrency ?? this.config.concurrency,
    };
    const userId = desk ? null : principal.userId;
    return this.transactions.atomic(async () => {
      const endpoint = await this.endpoints.insert(userId, settings);
      await this.quotas.keep({
        name: 'webhooks',
        owner: userId,
        max: this.config.perUser,
        count: () => this.endpoints.countOf(userId),
        refusal: () => tooManyWebhooks(this.config.perUser),
      });
      const secret = await this.secrets.first(endpoint.id, desk);
      await this.laneOf(endpoint);
      await this.events.record({ endpoint, type: WebhookAdded.type, payload: { by: principal.userId } });
      return { ...webhookJson(endpoint), secret };
    });
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND, WEBHOOKS_URL_REFUSED, WEBHOOKS_OPERATORS_ONLY */
  async change(principal: Principal, id: string, { enabled, ...given }: ChangeWebhook): Promise<WebhookJson> {
    await this.find(principal, id);
    if (given.operator && !isOperator(principal)) throw operatorsOnly('operator');
    const url = given.url === undefined ? {} : { url: await this.allowedUrl(given.url) };
    return this.transactions.atomic(async () => {
      const before = visible(principal, id, await this.endpoints.lock(id));
      if (Object.keys(given).length > 0) {
        const endpoint = await this.endpoints.update(id, { ...before, ...given, ...url });
        await this.laneOf(endpoint);
        await this.events.record({ endpoint, type: WebhookChanged.type, payload: { by: principal.userId } });
      }
      if (enabled === true) await this.health.enable(before);
      if (enabled === false) await this.health.pause(before);
      return webhookJson((await this.endpoints.find(id))!);
    });
  }

  /** Removes an endpoint and cancels its waiting deliveries. Ended deliveries stay. @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async remove(principal: Principal, id: string): Promise<void> {
    const endpoint = visible(principal, id, await this.endpoints.lock(id));
    await this.lanes.remove(id);
    await this.endpoints.remove(id);
    await this.events.record({ endpoint, type: WebhookRemoved.type, payload: { by: principal.userId } });
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async rotateSecret(principal: Principal, id: string): Promise<RotatedSecret> {
    const endpoint = visible(principal, id, await this.endpoints.lock(id));
    const rotated = await this.secrets.rotate(id);
    const previousUntil = rotated.previousUntil.toISOString();
    await this.events.record({
      endpoint,
      type: WebhookSecretRotated.type,
      payload: { by: principal.userId, previousUntil },
    });
    return { secret: rotated.secret, previousUntil };
  }

  /** Enables an endpoint and sends its held deliveries in order. Does nothing for a healthy one. @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async enable(principal: Principal, id: string): Promise<WebhookJson> {
    await this.health.enable(visible(principal, id, await this.endpoints.lock(id)));
    return webhookJson((await this.endpoints.find(id))!);
  }

  /** Returns the URL as the parser normalizes it. @throws DomainError WEBHOOKS_URL_REFUSED with the reason */
  private async allowedUrl(text: string): Promise<string> {
    try {
      return (await this.egress.checkUrl(text)).href;
    } catch (error) {
      if (isEgressRefused(error) || (error instanceof DomainError && error.code === 'EGRESS_HOST_UNRESOLVED'))
        throw urlRefused(error.message, error);
      throw error;
    }
  }

  private laneOf({
    id,
    userId,
    format,
    operator,
    concurrency,
    ratePerSecond,
    minSeverity,
  }: WebhookEndpoint): Promise<void> {
    return this.lanes.put({
      endpointId: id,
      channel: WEBHOOK_CHANNEL,
      userId,
      format,
      operator,
      concurrency,
      ratePerSecond,
      minSeverity,
    });
  }
}

function visible(principal: Principal, id: string, endpoint: WebhookEndpoint | undefined): WebhookEndpoint {
  if (endpoint === undefined || !ownedBy(principal, endpoint)) throw webhookNotFound(id);
  return endpoint;
}
