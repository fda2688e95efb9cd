import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { Clock } from '#time';
import { AlertDeliveries } from './alert-deliveries.js';
import { AlertRaisingRepository } from './alert-raising.repository.js';
import type { AlertRule } from '../rules/alert-rule.js';
import { type RaisedAlert, raisedAlerts } from '../messages/raised-alert.js';
import type { Match } from '../rules/rule-index.js';
import { UnformattableAlerts } from './unformattable-alerts.js';

/** Makes alerts of matches, and deliveries of alerts, in the open transaction. */
@Injectable()
export class AlertRaiser {
  constructor(
    private readonly repository: AlertRaisingRepository,
    private readonly deliveries: AlertDeliveries,
    private readonly unformattable: UnformattableAlerts,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    @InjectMetric('alerts_raised_total') private readonly raised: Counter<'severity'>,
    @InjectMetric('alerts_silenced_total') private readonly silenced: Counter<'severity'>,
    @InjectMetric('alerts_deduplicated_total') private readonly deduplicated: Counter,
  ) {}

  async raise(matches: readonly Match<AlertRule>[]): Promise<void> {
    if (matches.length === 0) return;
    const now = this.clock.now();
    const alerts = raisedAlerts(matches, now);
    const audible = await this.insertFresh(await this.withoutRepeated(alerts, now));
    this.changes.hint();
    if (audible.length === 0) return;
    await this.unformattable.report(audible, await this.deliveries.enqueue(audible));
  }

  /** An alert whose window is open is counted on the alert that opened it. */
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

  /** @returns the new alerts that no silence keeps from being sent */
  private async insertFresh(alerts: readonly RaisedAlert[]): Promise<RaisedAlert[]> {
    if (alerts.length === 0) return [];
    const inserted = await this.repository.insert(alerts);
    const fresh = alerts.filter(({ id }) => inserted.has(id));
    const [audible, silent] = [fresh.filter(({ id }) => !inserted.get(id)), fresh.filter(({ id }) => inserted.get(id))];
    const windows = silent.flatMap(({ id, rule, dedupeKey }) =>
      dedupeKey === null ? [] : [{ ruleId: rule.id, key: dedupeKey, silenceId: inserted.get(id)! }],
    );
    if (windows.length > 0) await this.repository.endWindows(windows);
    this.transactions.afterCommit(() => {
      for (const { rule } of fresh) this.raised.inc({ severity: rule.severity });
      for (const { rule } of silent) this.silenced.inc({ severity: rule.severity });
    });
    return audible;
  }
}
