import { createHash } from 'node:crypto';
import type { AlertRule } from './alert-rule.js';
import { type AlertEvent, textsAt } from '../conditions/event-view.js';

const LONGEST = 300;

/** Equal matches of a rule have equal keys: the values of its dedupe fields, or the title. */
export function dedupeKey(rule: Pick<AlertRule, 'dedupeBy'>, event: AlertEvent, title: string): string {
  const key = JSON.stringify(rule.dedupeBy.length === 0 ? title : rule.dedupeBy.map((path) => textsAt(event, path)));
  return key.length <= LONGEST ? key.replaceAll('\\u0000', '') : createHash('sha256').update(key).digest('base64url');
}
