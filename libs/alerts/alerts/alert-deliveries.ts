import { Injectable } from '@nestjs/common';
import { DeliveryLanes, DeliveryQueue, type Lane, type NewDelivery } from '#deliveries';
import { type AlertContent, Unformattable } from '../rules/alert-draft.js';
import { alertMessage } from '../messages/alert-message.js';
import { isAtLeast } from '../rules/alert-rule.js';
import type { RaisedAlert } from '../messages/raised-alert.js';
import type { UnformattedDelivery } from './unformattable-alerts.js';

/** Decides which endpoints get a message about an alert, and which message. */
@Injectable()
export class AlertDeliveries {
  constructor(
    private readonly lanes: DeliveryLanes,
    private readonly queue: DeliveryQueue,
  ) {}

  /** Enqueues the messages in the open transaction. @returns the deliveries of which no message can be made */
  async enqueue(alerts: readonly RaisedAlert[]): Promise<UnformattedDelivery[]> {
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
      for (const { endpointId, format } of lanes.filter((lane) => isFor(lane, alert))) {
        let body = bodies.get(format);
        if (body === undefined) bodies.set(format, (body = bodyOf(format, alert)));
        if (body instanceof Unformattable) failures.push({ alert, why: body.message, endpointId, format });
        else items.push({ ...{ alertId: alert.id, endpointId, messageId: alert.id, body }, ...optional(alert) });
      }
    }
    await this.queue.enqueue(items);
    return failures;
  }
}

/**
 * Never notify an endpoint about its own state change, nor one that no longer belongs to the owner of the rule or to the desk.
 */
function isFor(lane: Lane, { rule, event }: RaisedAlert): boolean {
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
