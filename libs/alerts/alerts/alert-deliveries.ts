import { Injectable } from '@nestjs/common';
import { DeliveryLanes, type Lane, type NewDelivery } from '#deliveries';
import { type AlertContent, Unformattable } from '../rules/alert-draft.js';
import { alertMessage } from '../messages/alert-message.js';
import { isAtLeast } from '../rules/alert-rule.js';
import type { RaisedAlert } from '../messages/raised-alert.js';

/** An alert of which no message could be made: at all, or for one endpoint. */
export interface UnformattedDelivery {
  alert: RaisedAlert;
  why: string;
  endpointId?: string;
  format?: string;
}

/** Which endpoints hear of an alert, and what. */
@Injectable()
export class AlertDeliveries {
  constructor(private readonly lanes: DeliveryLanes) {}

  async of(alerts: readonly RaisedAlert[]): Promise<{ items: NewDelivery[]; failures: UnformattedDelivery[] }> {
    const sendable = alerts.filter(({ unformattable }) => unformattable === null);
    const wanted = [...new Set(sendable.flatMap(({ rule }) => rule.channels))];
    const named = new Map(
      (wanted.length === 0 ? [] : await this.lanes.find(wanted)).map((lane) => [lane.endpointId, lane]),
    );
    const operators = sendable.some(({ rule }) => rule.builtIn !== null) ? await this.lanes.operatorLanes() : [];
    const items: NewDelivery[] = [];
    const failures: UnformattedDelivery[] = [];
    for (const alert of sendable) {
      const lanes = alert.rule.builtIn === null ? alert.rule.channels.flatMap((id) => named.get(id) ?? []) : operators;
      const bodies = new Map<string, string | Unformattable>();
      for (const { endpointId, format } of lanes.filter((lane) => hears(lane, alert))) {
        let body = bodies.get(format);
        if (body === undefined) bodies.set(format, (body = bodyOf(format, alert)));
        if (body instanceof Unformattable) failures.push({ alert, why: body.message, endpointId, format });
        else items.push({ ...{ alertId: alert.id, endpointId, messageId: alert.id, body }, ...optional(alert) });
      }
    }
    return { items, failures };
  }
}

/**
 * An endpoint that is the news is not told of itself. One that no longer is its owner's, or the desk's, hears nothing.
 */
function hears(lane: Lane, { rule, event }: RaisedAlert): boolean {
  const concerned = (event.payload as { endpointId?: unknown } | null)?.endpointId;
  return (
    lane.endpointId !== concerned &&
    (lane.userId === null || lane.userId === rule.userId) &&
    isAtLeast(rule.severity, lane.minSeverity)
  );
}

function optional({ deferredUntil, event }: RaisedAlert): Partial<NewDelivery> {
  return {
    ...(deferredUntil && { notBefore: deferredUntil }),
    ...(event.correlationId !== null && { correlationId: event.correlationId }),
  };
}

function bodyOf(format: Lane['format'], alert: RaisedAlert): string | Unformattable {
  try {
    return alertMessage(format, contentOf(alert));
  } catch (error) {
    if (error instanceof Unformattable) return error;
    throw error;
  }
}

export function contentOf({ id, rule, event, draft, raisedAt }: RaisedAlert): AlertContent {
  return { ...draft, id, severity: rule.severity, raisedAt, event, rule: { id: rule.id, name: rule.name } };
}
