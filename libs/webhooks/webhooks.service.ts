import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail, isOperator, ownedBy, type Principal } from '#auth';
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
import { hostOf, type WebhookEndpoint } from './endpoints/webhook-endpoint.js';
import { WebhookAdded, WebhookChanged, WebhookRemoved, WebhookSecretRotated } from './webhook-events.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookUrls } from './endpoints/webhook-urls.service.js';
import { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { operatorsOnly, tooManyWebhooks, urlRefused, webhookNotFound } from './webhooks.errors.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';

type Act = Parameters<AuditTrail['record']>[number];

/** Manages endpoints. Owners see and change their own, operators all. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecrets,
    private readonly urls: WebhookUrls,
    private readonly health: WebhookHealth,
    private readonly lanes: DeliveryLanes,
    private readonly egress: Egress,
    private readonly events: EndpointEvents,
    private readonly transactions: Transactions,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  async list(principal: Principal, { user, limit, cursor }: WebhooksQuery): Promise<WebhooksPage> {
    const owner = isOperator(principal) ? user : principal.userId;
    return pageFrom(
      await this.endpoints.page(owner, cursor, limit + 1),
      limit,
      ({ id }) => id,
      (endpoint) => this.json(principal, endpoint),
    );
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND */
  async show(principal: Principal, id: string): Promise<WebhookJson> {
    return this.json(principal, await this.find(principal, id));
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
    const href = await this.allowedUrl(given.url);
    const settings = { ...rest, concurrency: given.concurrency ?? this.config.concurrency };
    const userId = desk ? null : principal.userId;
    return this.transactions.atomic(async () => {
      const id = await this.endpoints.newId();
      const endpoint = await this.endpoints.insert(id, userId, { ...settings, ...this.urls.columnsOf(id, href) });
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
      await this.recorded('webhook_made', endpoint, { after: factsOf(endpoint) });
      return { ...this.json(principal, endpoint), secret };
    });
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND, WEBHOOKS_URL_REFUSED, WEBHOOKS_OPERATORS_ONLY */
  async change(principal: Principal, id: string, { enabled, url, ...rest }: ChangeWebhook): Promise<WebhookJson> {
    const found = await this.find(principal, id);
    const given = url === undefined || this.urls.isMaskOf(found, url) ? rest : { ...rest, url };
    if (given.operator && !isOperator(principal)) throw operatorsOnly('operator');
    const href = 'url' in given ? await this.allowedUrl(given.url) : undefined;
    return this.transactions.atomic(async () => {
      const before = visible(principal, id, await this.endpoints.lock(id));
      if (Object.keys(given).length > 0) {
        const endpoint = await this.endpoints.update(id, {
          ...before,
          ...rest,
          ...(href === undefined ? {} : this.urls.columnsOf(id, href)),
        });
        await this.laneOf(endpoint);
        await this.events.record({
          endpoint,
          type: WebhookChanged.type,
          payload: {
            by: principal.userId,
            byOwner: isOwner(principal, before),
            changed: Object.keys(given),
            fromHost: hostOf(before),
          },
        });
      }
      if (enabled === true) await this.health.enable(before);
      if (enabled === false) await this.health.pause(before);
      const after = (await this.endpoints.find(id))!;
      await this.recorded('webhook_changed', after, {
        before: factsOf(before),
        after: { ...factsOf(after), changed: [...Object.keys(given), ...(enabled === undefined ? [] : ['enabled'])] },
      });
      return this.json(principal, after);
    });
  }

  /** Removes an endpoint and cancels its waiting deliveries. Ended deliveries stay. @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async remove(principal: Principal, id: string): Promise<void> {
    const endpoint = visible(principal, id, await this.endpoints.lock(id));
    await this.lanes.remove(id);
    await this.endpoints.remove(id);
    await this.events.record({ endpoint, type: WebhookRemoved.type, payload: { by: principal.userId } });
    await this.recorded('webhook_removed', endpoint, { before: factsOf(endpoint) });
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
      payload: { by: principal.userId, byOwner: isOwner(principal, endpoint), previousUntil },
    });
    await this.recorded('webhook_secret_rotated', endpoint, { after: { previousUntil } });
    return { secret: rotated.secret, previousUntil };
  }

  /** Enables an endpoint and sends its held deliveries in order. Does nothing for a healthy one. @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async enable(principal: Principal, id: string): Promise<WebhookJson> {
    const before = visible(principal, id, await this.endpoints.lock(id));
    await this.health.enable(before);
    await this.recorded('webhook_enabled', before, { before: { state: before.state } });
    return this.json(principal, (await this.endpoints.find(id))!);
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

  private recorded(
    action: string,
    { id, userId }: WebhookEndpoint,
    facts: Pick<Act, 'before' | 'after'>,
  ): Promise<void> {
    return this.audit.record({ action, subject: { kind: 'webhook', id }, ownerId: userId, ...facts });
  }

  private json(principal: Principal, endpoint: WebhookEndpoint): WebhookJson {
    return webhookJson(endpoint, this.urls.shownTo(principal, endpoint));
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

/** Description of an endpoint for the audit trail: only the host of its URL. */
function factsOf(endpoint: WebhookEndpoint): Record<string, unknown> {
  const { description, format, operator, minSeverity, concurrency, ratePerSecond, state } = endpoint;
  return { host: hostOf(endpoint), description, format, operator, minSeverity, concurrency, ratePerSecond, state };
}

/** The desk's webhooks belong to every operator. */
function isOwner(principal: Principal, { userId }: WebhookEndpoint): boolean {
  return userId === null || userId === principal.userId;
}
