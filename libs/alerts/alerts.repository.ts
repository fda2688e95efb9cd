import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Severity } from '#events';

/** What a screen shows of an alert. `userId` null: the desk's, for operators. */
export interface AlertHeadline {
  id: string;
  userId: string | null;
  ruleId: string;
  ruleName: string;
  severity: Severity;
  title: string;
  eventType: string;
  /** How many events it stands for. */
  count: number;
  raisedAt: Date;
  lastAt: Date;
  acknowledgedAt: Date | null;
}

/** Alerts of one owner that nobody has acknowledged. `userId` null: the desk's. */
export interface AlertTotals {
  userId: string | null;
  info: number;
  warning: number;
  critical: number;
}

/** All SQL of alerts. */
@Injectable()
export class AlertsRepository {
  constructor(private readonly database: Database) {}

  /** Unacknowledged alerts by owner and severity: a pure function of the snapshot it runs in. */
  overview(): Promise<AlertTotals[]> {
    return this.database.prepared<AlertTotals>(
      `SELECT user_id AS "userId", count(*) FILTER (WHERE severity = 'info')::integer AS info,
         count(*) FILTER (WHERE severity = 'warning')::integer AS warning, count(*) FILTER (WHERE severity = 'critical')::integer AS critical
       FROM alerts WHERE acknowledged_at IS NULL GROUP BY user_id ORDER BY user_id`,
    );
  }

  /** Each owner's newest `count` alerts, newest first: a pure function of the snapshot. */
  latest(count: number): Promise<AlertHeadline[]> {
    return this.database.prepared<AlertHeadline>(LATEST, [count]);
  }
}

const LATEST = `
  SELECT a.* FROM (SELECT DISTINCT user_id FROM alerts) o, LATERAL (
    SELECT id, user_id AS "userId", rule_id AS "ruleId", rule_name AS "ruleName", severity, title, event_type AS "eventType",
      count, raised_at AS "raisedAt", last_at AS "lastAt", acknowledged_at AS "acknowledgedAt"
    FROM alerts WHERE user_id IS NOT DISTINCT FROM o.user_id ORDER BY id DESC LIMIT $1) a
  ORDER BY a.id DESC`;
