import { Injectable } from '@nestjs/common';
import { ownedBy, ownRowsOf, type Principal } from '#auth';
import { Changes } from '#changes';
import { DeliveriesService } from '#deliveries';
import { EventsRepository } from '#events';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { Clock } from '#time';
import { askedOwner } from '../rules/asked-owner.js';
import {
  type Acknowledge,
  type Acknowledged,
  type AlertDetail,
  type AlertsPage,
  type AlertsQuery,
  type AlertView,
  toAlertView,
  toEventPart,
} from './alert.dto.js';
import { alertNotFound } from '../alerts.errors.js';
import { type AlertRow, AlertsRepository } from './alerts.repository.js';

/** Maximum number of deliveries of an alert that are shown. */
const MOST_DELIVERIES = 500;

/** Lists and acknowledges alerts. Users see their own, operators see all. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly events: EventsRepository,
    private readonly deliveries: DeliveriesService,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError ALERTS_NOT_YOURS */
  async list(principal: Principal, query: AlertsQuery): Promise<AlertsPage> {
    const { severity, acknowledged, silenced, ruleId, type, ticker, instrumentId, correlationId } = query;
    const { from, to, sort, limit, cursor } = query;
    const rows = await this.alerts.page({
      userId: askedOwner(principal, query),
      ...{ severities: severity, ruleIds: ruleId, types: type, tickers: ticker, instrumentIds: instrumentId },
      ...{ acknowledged, silenced, correlationId },
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      oldestFirst: sort === 'raisedAt',
      after: cursor,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, toAlertView);
  }

  /** A second acknowledgement changes nothing and returns the first. @throws DomainError ALERTS_NOT_FOUND */
  async acknowledge(principal: Principal, id: string): Promise<AlertView> {
    await this.visible(principal, id);
    if (await this.alerts.acknowledge(id, principal.userId, this.clock.now())) this.changes.hint();
    return toAlertView(await this.visible(principal, id));
  }

  /** Returns an alert with its event and its deliveries. @throws DomainError ALERTS_NOT_FOUND */
  async get(principal: Principal, id: string): Promise<AlertDetail> {
    const row = await this.visible(principal, id);
    const event = await this.events.find(row.eventId);
    const sent = { alertId: [id], limit: MOST_DELIVERIES, sort: '-createdAt' as const };
    const { items } = await this.deliveries.list(sent, ownRowsOf(principal));
    return { ...toAlertView(row), event: event === undefined ? null : toEventPart(event), deliveries: items };
  }

  /** Acknowledges those of the alerts that the caller may see, in one statement. */
  async acknowledgeMany(principal: Principal, { ids }: Acknowledge): Promise<Acknowledged> {
    const rows = await this.alerts.acknowledgeMany(ids, principal.userId, this.clock.now(), ownRowsOf(principal));
    const done = new Map(rows.map(({ id, acknowledged }) => [id, acknowledged]));
    const acknowledged = rows.filter((row) => row.acknowledged).length;
    if (acknowledged > 0) this.changes.hint();
    const items = ids.map((id) => {
      const now = done.get(id);
      return { id, status: now === undefined ? 'not_found' : now ? 'acknowledged' : 'unchanged' } as const;
    });
    return { acknowledged, items };
  }

  private async visible(principal: Principal, id: string): Promise<AlertRow> {
    const row = await this.alerts.find(id);
    if (row === undefined || !ownedBy(principal, row)) throw alertNotFound(id);
    return row;
  }
}
