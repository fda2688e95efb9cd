import { Unformattable } from '../rules/alert-draft.js';
import { contentOf } from '../alerts/alert-deliveries.js';
import { type AlertFormat, alertMessage } from '../messages/alert-message.js';
import type { AlertRule } from '../rules/alert-rule.js';
import type { TrialMatch } from './alert-trial.dto.js';
import { dedupeKey } from '../rules/dedupe-key.js';
import type { AlertEvent } from '../conditions/event-view.js';
import { type RaisedAlert, raisedAlerts } from '../messages/raised-alert.js';

const MOST_SHOWN = 50;

/**
 * The alerts that a rule would have raised. Quiet hours and dedupe windows follow the time of the events.
 * @param matched newest first, like the result
 */
export function trialMatches(
  rule: AlertRule,
  matched: readonly AlertEvent[],
  formats: readonly AlertFormat[],
): TrialMatch[] {
  const windows = new Map<string, { eventId: string; until: number }>();
  const shown: TrialMatch[] = [];
  for (const [index, event] of [...matched].reverse().entries()) {
    const [alert] = raisedAlerts([{ rule, event }], event.occurredAt);
    const countedOn =
      alert!.dedupeKey === null ? null : counted(windows, rule, event, dedupeKey(rule, event, alert!.draft.title));
    if (index >= matched.length - MOST_SHOWN) shown.push(toMatch(alert!, countedOn, formats));
  }
  return shown.reverse();
}

function counted(
  windows: Map<string, { eventId: string; until: number }>,
  rule: AlertRule,
  event: AlertEvent,
  key: string,
): string | null {
  const open = windows.get(key);
  const at = event.occurredAt.getTime();
  if (open !== undefined && at < open.until) return open.eventId;
  windows.set(key, { eventId: event.id, until: at + rule.dedupeSeconds * 1_000 });
  return null;
}

function toMatch(alert: RaisedAlert, countedOn: string | null, formats: readonly AlertFormat[]): TrialMatch {
  const { event, draft, rule, deferredUntil, unformattable } = alert;
  return {
    event: { id: event.id, type: event.type, occurredAt: event.occurredAt.toISOString(), payload: event.payload },
    alert: { severity: rule.severity, ...draft },
    ...{ countedOn, deferredUntil: deferredUntil?.toISOString() ?? null, unformattable },
    messages: unformattable === null ? formats.map((format) => messageOf(format, alert)) : [],
  };
}

function messageOf(format: AlertFormat, alert: RaisedAlert): TrialMatch['messages'][number] {
  try {
    const body = alertMessage(format, contentOf(alert));
    return { format, message: format === 'text' ? body : JSON.parse(body), problem: null };
  } catch (error) {
    if (!(error instanceof Unformattable)) throw error;
    return { format, message: null, problem: error.message };
  }
}
