import { Injectable } from '@nestjs/common';
import { isOperator, ownedBy, type Principal } from '#auth';
import { Changes } from '#changes';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { Clock } from '#time';
import { type AlertsPage, type AlertsQuery, type AlertView, toAlertView } from './alert.dto.js';
import { alertNotFound, othersAlerts } from '../alerts.errors.js';
import { type AlertRow, AlertsRepository } from './alerts.repository.js';

/** Lists and acknowledges alerts. Users see their own, operators see all. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError ALERTS_NOT_YOURS */
  async list(principal: Principal, query: AlertsQuery): Promise<AlertsPage> {
    const { user, scope, severity, acknowledged, rule, type, from, to, limit, cursor } = query;
    const operator = isOperator(principal);
    if (!operator && (scope === 'desk' || (user !== undefined && user.toLowerCase() !== principal.userId)))
      throw othersAlerts();
    const asked = scope === 'desk' ? null : scope === 'mine' ? principal.userId : user;
    const rows = await this.alerts.page({
      ...{ userId: operator ? asked : principal.userId, severity, rule, type, limit: limit + 1 },
      acknowledged: acknowledged === undefined ? undefined : acknowledged === 'true',
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      beforeId: cursor,
    });
    return pageFrom(rows, limit, ({ id }) => id, toAlertView);
  }

  /** A second acknowledgement changes nothing and returns the first. @throws DomainError ALERTS_NOT_FOUND */
  async acknowledge(principal: Principal, id: string): Promise<AlertView> {
    await this.visible(principal, id);
    if (await this.alerts.acknowledge(id, principal.userId, this.clock.now())) this.changes.hint();
    return toAlertView(await this.visible(principal, id));
  }

  private async visible(principal: Principal, id: string): Promise<AlertRow> {
    const row = await this.alerts.find(id);
    if (row === undefined || !ownedBy(principal, row)) throw alertNotFound(id);
    return row;
  }
}
