import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail, isOperator, ownedBy, type Principal } from '#auth';
import { Atomic, Transactions } from '#database';
import { DeliveryLanes, type Lane } from '#deliveries';
import { Egress, isEgressRefused } from '#egress';
import { DomainError } from '#errors';
import { pageFrom } from '#http';
import { Quotas } from '#quotas';
import type { OrderKey } from '#text';
import {
  type ChangeWebhook,
  type CreateWebhook,
  type NewWebhookJson,
  type RemovedWebhook,
  type RotatedSecret,
  webhookJson,
  webhookOrder,
  type WebhookJson,
  type WebhooksPage,
  type WebhooksQuery,
} from './endpoints/webhook.dto.js';
import { WEBHOOK_CHANNEL } from './webhook.channel.js';
import { ENDPOINT_STATES } from './endpoints/endpoint-health.js';
import { EndpointEvents } from './endpoints/endpoint-events.js';
import { hostOf, type WebhookEndpoint } from './endpoints/webhook-endpoint.js';
import { WebhookAdded, WebhookChanged, WebhookRemoved, WebhookSecretRotated } from './webhook-events.js';
import { givenHeaders } from './endpoints/webhook-headers.js';
import { WebhookHeaders } from './endpoints/webhook-headers.service.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookUrls } from './endpoints/webhook-urls.service.js';
import { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { headersNeeded, operatorsOnly, tooManyWebhooks, urlRefused, webhookNotFound } from './webhooks.errors.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';

type Act = Parameters<AuditTrail['record']>[number];

/** Manages endpoints. Owners see and change their own, operators all. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecrets,
    private readonly urls: WebhookUrls,
    private readonly headers: WebhookHeaders,
    private readonly health: WebhookHealth,
    private readonly lanes: DeliveryLanes,
    private readonly egress: Egress,
    private readonly events: EndpointEvents,
    private readonly transactions: Transactions,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  async list(principal: Principal, { userId, state, sort, limit, cursor }: WebhooksQuery): Promise<WebhooksPage> {
    const owner = isOperator(principal) ? userId : principal.userId;
    const found = await this.endpoints.page({ userId: owner, states: state, sort, after: cursor, limit: limit + 1 });
    const waiting = await this.lanes.waiting(found.map(({ id }) => id));
    return pageFrom(
      found,
      limit,
      (endpoint) => webhookKey(sort, endpoint),
      (endpoint) => webhookJson(endpoint, this.urls.shownTo(principal, endpoint), waiting(endpoint.id)),
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
    const { desk, secret: brought, headers, basicAuth, ...rest } = given;
    for (const field of ['desk', 'operator'] as const)
      if (given[field] && !isOperator(principal)) throw operatorsOnly(field);
    // Outside the transaction, because DNS may take long.
    const href = await this.allowedUrl(given.url, given.format);
    const settings = { ...rest, concurrency: given.concurrency ?? this.config.concurrency };
    const userId = desk ? null : principal.userId;
    return this.transactions.atomic(async () => {
      const id = await this.endpoints.newId();
      const endpoint = await this.endpoints.insert(id, userId, {
        ...settings,
        ...this.urls.columnsOf(id, href),
        ...this.headers.columnsOf(id, givenHeaders({ headers, basicAuth }) ?? {}),
      });
      await this.quotas.keep({
        name: 'webhooks',
        owner: userId,
        max: this.config.perUser,
        count: () => this.endpoints.countOf(userId),
        refusal: () => tooManyWebhooks(this.config.perUser),
      });
      const secret = await this.secrets.first(endpoint.id, desk, brought);
      await this.laneOf(endpoint);
      await this.events.record({ endpoint, type: WebhookAdded.type, payload: { by: principal.userId } });
      await this.recorded('webhook_made', endpoint, { after: factsOf(endpoint) });
      return { ...(await this.json(principal, endpoint)), secret };
    });
  }

  /** @throws DomainError WEBHOOKS_NOT_FOUND, WEBHOOKS_URL_REFUSED, WEBHOOKS_OPERATORS_ONLY, WEBHOOKS_HEADERS_NEEDED */
  async change(principal: Principal, id: string, change: ChangeWebhook): Promise<WebhookJson> {
    const { enabled, url, headers, basicAuth, ...rest } = change;
    const found = await this.find(principal, id);
    const secretHeaders = givenHeaders({ headers, basicAuth });
    const given = {
      ...rest,
      ...(url === undefined || this.urls.isMaskOf(found, url) ? {} : { url }),
      ...(secretHeaders === undefined ? {} : { headers: secretHeaders }),
    };
    if (given.operator && !isOperator(principal)) throw operatorsOnly('operator');
    const href = given.url === undefined ? undefined : await this.allowedUrl(given.url, given.format ?? found.format);
    if (href === undefined && given.format === 'telegram') checkFormat('telegram', new URL(this.urls.open(found)));
    return this.transactions.atomic(async () => {
      const before = visible(principal, id, await this.endpoints.lock(id));
      if (href !== undefined && secretHeaders === undefined) keepsHost(before, href);
      if (Object.keys(given).length > 0) {
        const endpoint = await this.endpoints.update(id, {
          ...before,
          ...rest,
          ...(href === undefined ? {} : this.urls.columnsOf(id, href)),
          ...(secretHeaders === undefined ? {} : this.headers.columnsOf(id, secretHeaders)),
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
  async remove(principal: Principal, id: string): Promise<RemovedWebhook> {
    const endpoint = visible(principal, id, await this.endpoints.lock(id));
    const cancelled = await this.lanes.remove(id);
    await this.endpoints.remove(id);
    await this.events.record({ endpoint, type: WebhookRemoved.type, payload: { by: principal.userId } });
    await this.recorded('webhook_removed', endpoint, { before: factsOf(endpoint), after: { cancelled } });
    return { id, cancelled };
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

  /** Pauses an endpoint and holds its deliveries. Does nothing for a paused one. @throws DomainError WEBHOOKS_NOT_FOUND */
  @Atomic()
  async pause(principal: Principal, id: string): Promise<WebhookJson> {
    const before = visible(principal, id, await this.endpoints.lock(id));
    await this.health.pause(before);
    await this.recorded('webhook_paused', before, { before: { state: before.state } });
    return this.json(principal, (await this.endpoints.find(id))!);
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
  private async allowedUrl(text: string, format: Lane['format']): Promise<string> {
    if (URL.canParse(text)) checkFormat(format, new URL(text));
    try {
      return (await this.egress.checkUrl(text)).href;
    } catch (error) {
      if (isEgressRefused(error) || (error instanceof DomainError && error.code === 'EGRESS_HOST_UNRESOLVED'))
        throw urlRefused(error.message, error);
      throw error;
    }
  }

  private recorded(
    action: Act['action'],
    { id, userId }: WebhookEndpoint,
    facts: Pick<Act, 'before' | 'after'>,
  ): Promise<void> {
    return this.audit.record({ action, subject: { kind: 'webhook', id }, ownerId: userId, ...facts });
  }

  private async json(principal: Principal, endpoint: WebhookEndpoint): Promise<WebhookJson> {
    const waiting = await this.lanes.waiting([endpoint.id]);
    return webhookJson(endpoint, this.urls.shownTo(principal, endpoint), waiting(endpoint.id));
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

function webhookKey(sort: WebhooksQuery['sort'], endpoint: WebhookEndpoint): OrderKey {
  const { id, description, state, stateSince } = endpoint;
  const place = String(ENDPOINT_STATES.indexOf(state) + 1);
  return webhookOrder.keyOf(sort, id, {
    ...{ createdAt: '', description },
    ...{ state: place, stateSince: stateSince.toISOString() },
  });
}

/** Description of an endpoint for the audit trail: only the host of its URL and the names of its headers. */
function factsOf(endpoint: WebhookEndpoint): Record<string, unknown> {
  const { description, format, operator, minSeverity, concurrency, ratePerSecond, headerNames, state } = endpoint;
  const settings = { description, format, operator, minSeverity, concurrency, ratePerSecond, headerNames };
  return { host: hostOf(endpoint), ...settings, state };
}

/** Headers are secrets of one host. Without new ones, another host would get those of the old one. @throws DomainError WEBHOOKS_HEADERS_NEEDED */
function keepsHost(before: WebhookEndpoint, href: string): void {
  if (before.headerNames.length > 0 && new URL(href).origin !== new URL(before.url).origin)
    throw headersNeeded(before.headerNames);
}

/** @throws DomainError WEBHOOKS_URL_REFUSED if Telegram would not know the chat */
function checkFormat(format: Lane['format'], { hostname, pathname, searchParams }: URL): void {
  if (format !== 'telegram' || hostname !== 'api.telegram.org') return;
  if (!/^\/bot[^/]+\/sendMessage$/.test(pathname) || !searchParams.get('chat_id'))
    throw urlRefused('a URL of Telegram is https://api.telegram.org/bot<token>/sendMessage?chat_id=<chat>', undefined);
}

/** The desk's webhooks belong to every operator. */
function isOwner(principal: Principal, { userId }: WebhookEndpoint): boolean {
  return userId === null || userId === principal.userId;
}
