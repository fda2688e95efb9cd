import { uuid7 } from '#ids';
import { type AlertDraft, draftOf, plainDraft, Unformattable } from '../rules/alert-draft.js';
import type { AlertRule } from '../rules/alert-rule.js';
import { dedupeKey } from '../rules/dedupe-key.js';
import type { AlertEvent } from '../conditions/event-view.js';
import { quietUntil } from '../rules/quiet-hours.js';
import type { Match } from '../rules/rule-index.js';

/** An alert that is about to be raised. */
export interface RaisedAlert {
  id: string;
  rule: AlertRule;
  event: AlertEvent;
  draft: AlertDraft;
  raisedAt: Date;
  deferredUntil: Date | null;
  /** Null: every match is a separate alert. */
  dedupeKey: string | null;
  unformattable: string | null;
  /** Further events of the same batch that are counted on it. */
  more: AlertEvent[];
}

/** Makes alerts of the matches of one batch. Matches of one dedupe window become one alert. Pure except for the ids. */
export function raisedAlerts(matches: readonly Match<AlertRule>[], now: Date): RaisedAlert[] {
  const first = new Map<string, RaisedAlert>();
  const alerts: RaisedAlert[] = [];
  for (const { rule, event } of matches) {
    const { draft, unformattable } = drafted(rule, event);
    const key = rule.dedupeSeconds > 0 ? dedupeKey(rule, event, draft.title) : null;
    const same = key === null ? undefined : first.get(`${rule.id} ${key}`);
    if (same !== undefined) {
      same.more.push(event);
      continue;
    }
    const deferredUntil = rule.severity === 'critical' ? undefined : quietUntil(rule.quietHours, now);
    const alert = {
      id: uuid7(now),
      rule,
      event,
      draft,
      raisedAt: now,
      deferredUntil: deferredUntil ?? null,
      dedupeKey: key,
      unformattable,
      more: [],
    };
    alerts.push(alert);
    if (key !== null) first.set(`${rule.id} ${key}`, alert);
  }
  return alerts;
}

function drafted(rule: AlertRule, event: AlertEvent): { draft: AlertDraft; unformattable: string | null } {
  try {
    return {
      draft: draftOf(event, { title: rule.titleTemplate ?? undefined, body: rule.bodyTemplate ?? undefined }),
      unformattable: null,
    };
  } catch (error) {
    if (!(error instanceof Unformattable)) throw error;
    return { draft: plainDraft(event), unformattable: error.message };
  }
}
