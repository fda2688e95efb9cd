import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { EventLog } from '#events';
import { Clock } from '#time';
import { AlertDeliveries, type UnformattedDelivery } from './alert-deliveries.js';
import { AlertUnformattable } from '../alert-events.js';
import { AlertRaisingRepository } from './alert-raising.repository.js';
import type { AlertRule } from '../rules/alert-rule.js';
import { type RaisedAlert, raisedAlerts } from '../messages/raised-alert.js';
import type { Match } from '../rules/rule-index.js';

/** Makes alerts of matches, and deliveries of alerts, in the open transaction. */
@Injectable()
export class AlertRaiser {
  private readonly logger = new Logger('Alerts');

  constructor(
    private readonly repository: AlertRaisingRepository,
    private readonly deliveries: AlertDeliveries,
    private readonly queue: DeliveryQueue,
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    @InjectMetric('alerts_raised_total') private readonly raised: Counter<'severity'>,
    @InjectMetric('alerts_deduplicated_total') private readonly deduplicated: Counter,
    @InjectMetric('alerts_unformattable_total') private readonly unformattable: Counter,
  ) {}

  async raise(matches: readonly Match<AlertRule>[]): Promise<void> {
    if (matches.length === 0) return;
    const now = this.clock.now();
    const alerts = raisedAlerts(matches, now);
    const fresh = await this.insertFresh(await this.withoutRepeated(alerts, now));
    this.changes.hint();
    if (fresh.length === 0) return;
    const { items, failures } = await this.deliveries.of(fresh);
    await this.queue.enqueue(items);
    await this.tellUnformattable(fresh, failures);
  }

  /** Those whose window is open already are counted there. */
  private async withoutRepeated(alerts: readonly RaisedAlert[], now: Date): Promise<RaisedAlert[]> {
    const windowed = alerts.filter(({ dedupeKey }) => dedupeKey !== null);
    if (windowed.length === 0) return [...alerts];
    const firsts = await this.repository.claimWindows(windowed, now);
    const repeated = windowed.filter(({ id }) => !firsts.has(id));
    if (repeated.length > 0) await this.repository.countOnFirst(repeated, now);
    const counted = windowed.reduce((sum, { id, more }) => sum + more.length + (firsts.has(id) ? 0 : 1), 0);
    this.transactions.afterCommit(() => this.deduplicated.inc(counted));
    return alerts.filter(({ id, dedupeKey }) => dedupeKey === null || firsts.has(id));
  }

  private async insertFresh(alerts: readonly RaisedAlert[]): Promise<RaisedAlert[]> {
    if (alerts.length === 0) return [];
    const inserted = await this.repository.insert(alerts);
    const fresh = alerts.filter(({ id }) => inserted.has(id));
    this.transactions.afterCommit(() => {
      for (const { rule } of fresh) this.raised.inc({ severity: rule.severity });
    });
    return fresh;
  }

  /** An alert that nobody can be told of is news for the operators. Of that news itself only the log is told: no circle. */
  private async tellUnformattable(
    alerts: readonly RaisedAlert[],
    failures: readonly UnformattedDelivery[],
  ): Promise<void> {
    const whole = alerts.flatMap((alert) =>
      alert.unformattable === null ? [] : [{ alert, why: alert.unformattable }],
    );
    const all: UnformattedDelivery[] = [...whole, ...failures];
    if (all.length === 0) return;
    this.transactions.afterCommit(() => this.unformattable.inc(all.length));
    for (const { alert, why } of all)
      this.logger.warn({ msg: 'no message can be made of an alert', alertId: alert.id, ruleId: alert.rule.id, why });
    await this.events.recordMany(
      all
        .filter(({ alert }) => alert.event.type !== AlertUnformattable.type)
        .map(({ alert, why, endpointId, format }) => ({
          type: AlertUnformattable.type,
          causationId: alert.event.id,
          ...(alert.event.correlationId !== null && { correlationId: alert.event.correlationId }),
          payload: {
            ...{
              alertId: alert.id,
              ruleId: alert.rule.id,
              ruleName: alert.rule.name,
              eventId: alert.event.id,
              eventType: alert.event.type,
              why,
            },
            ...(endpointId !== undefined && { endpointId, format }),
          },
        })),
    );
  }
}
