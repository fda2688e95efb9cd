import type { Condition } from '../conditions/condition.js';
import type { QuietHours } from './quiet-hours.js';

/** Severity of an alert. `critical` ignores quiet hours. */
export type Severity = 'info' | 'warning' | 'critical';

/** A row of alert_rules. */
export interface AlertRule {
  id: string;
  /** Owner; null: the desk. */
  userId: string | null;
  /** The type of operator event of a built-in rule. */
  builtIn: string | null;
  name: string;
  enabled: boolean;
  /** Why the desk has switched it off; null: it has not. */
  switchedOff: string | null;
  severity: Severity;
  condition: Condition;
  channels: string[];
  quietHours: QuietHours | null;
  dedupeSeconds: number;
  dedupeBy: string[];
  titleTemplate: string | null;
  bodyTemplate: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** Whether a severity is at or above a threshold. Every severity is above an unknown threshold. */
export function isAtLeast(severity: Severity, least: string | null): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least as Severity);
}
