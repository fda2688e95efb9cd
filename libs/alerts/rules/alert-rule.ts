import type { Severity } from '#events';
import type { Condition } from '../conditions/condition.js';
import type { QuietHours } from './quiet-hours.js';

/** A rule as its row holds it. */
export interface AlertRule {
  id: string;
  /** Whose; null: the desk's. */
  userId: string | null;
  /** The type of operator event that it is built in for. */
  builtIn: string | null;
  name: string;
  enabled: boolean;
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

/** Whether a severity is at or above another. Unknown thresholds let everything through. */
export function isAtLeast(severity: Severity, least: string | null): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least as Severity);
}
