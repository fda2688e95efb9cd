import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactions } from '#database';
import { EventLog, type RecordedEvent } from '#events';
import { AlertUnformattable } from '../alert-events.js';
import type { RaisedAlert } from '../messages/raised-alert.js';

/** An alert of which no message can be made: none at all, or none for one endpoint. */
export interface UnformattedDelivery {
  alert: RaisedAlert;
  why: string;
  endpointId?: string;
  format?: string;
}

/** Reports alerts that have no message to the operators, as an event in the open transaction. */
@Injectable()
export class UnformattableAlerts {
  private readonly logger = new Logger('Alerts');

  constructor(
    private readonly events: EventLog,
    private readonly transactions: Transactions,
    @InjectMetric('alerts_unformattable_total') private readonly counter: Counter,
  ) {}

  async report(alerts: readonly RaisedAlert[], failures: readonly UnformattedDelivery[]): Promise<void> {
    const whole = alerts.flatMap((alert) =>
      alert.unformattable === null ? [] : [{ alert, why: alert.unformattable }],
    );
    const all: UnformattedDelivery[] = [...whole, ...failures];
    if (all.length === 0) return;
    this.transactions.afterCommit(() => this.counter.inc(all.length));
    for (const { alert, why } of all)
      this.logger.warn({ msg: 'no message can be made of an alert', alertId: alert.id, ruleId: alert.rule.id, why });
    // An alert about such an event is only logged: it would lead to itself.
    const reported = all.filter(({ alert }) => alert.event.type !== AlertUnformattable.type);
    await this.events.recordMany(reported.map(eventOf));
  }
}

function eventOf({ alert, why, endpointId, format }: UnformattedDelivery): RecordedEvent {
  const { rule, event } = alert;
  return {
    type: AlertUnformattable.type,
    causationId: event.id,
    ...(event.correlationId !== null && { correlationId: event.correlationId }),
    payload: {
      ...{ alertId: alert.id, ruleId: rule.id, ruleName: rule.name, eventId: event.id, eventType: event.type, why },
      ...(endpointId !== undefined && { endpointId, format }),
    },
  };
}
