import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { Severity } from '../rules/alert-rule.js';
import type { AlertDraft } from '../rules/alert-draft.js';

/** The part of an alert that a screen shows. `userId` null: an alert of the desk, for operators. */
export interface AlertHeadline {
  id: string;
  userId: string | null;
  ruleId: string;
  ruleName: string;
  severity: Severity;
  title: string;
  eventType: string;
  /** Number of matching events. */
  count: number;
  raisedAt: Date;
  lastAt: Date;
  acknowledgedAt: Date | null;
  /** The silence by which it is not sent. */
  silencedBy: string | null;
}

export interface AlertRow extends AlertHeadline {
  eventId: string;
  body: string;
  links: AlertDraft['links'];
  fields: AlertDraft['fields'];
  lastEventId: string;
  deferredUntil: Date | null;
  unformattable: string | null;
  correlationId: string | null;
  instrumentId: string | null;
  tickers: string[];
  acknowledgedBy: string | null;
}

/** Unacknowledged alerts of one owner. `userId` null: the desk. */
export interface AlertTotals {
  userId: string | null;
  info: number;
  warning: number;
  critical: number;
}

export interface AlertFilter {
  /** Owner; null: the desk; left out: all owners. */
  userId?: string | null | undefined;
  severities?: readonly Severity[] | undefined;
  acknowledged?: boolean | undefined;
  silenced?: boolean | undefined;
  ruleIds?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
  tickers?: readonly string[] | undefined;
  instrumentIds?: readonly string[] | undefined;
  correlationId?: string | undefined;
  /** First id of the range, and the first one after it. An alert's id begins with the time it was raised. */
  fromId?: string | undefined;
  toId?: string | undefined;
  /** Last id of the page before. */
  after?: string | undefined;
  /** Default: the newest. */
  oldestFirst?: boolean;
  limit: number;
}

const HEADLINE = `id, user_id AS "userId", rule_id AS "ruleId", rule_name AS "ruleName", severity, title, event_type AS "eventType",
  count, raised_at AS "raisedAt", last_at AS "lastAt", acknowledged_at AS "acknowledgedAt",
  silenced_by AS "silencedBy"`;
const COLUMNS = `${HEADLINE}, event_id AS "eventId", body, links, fields, last_event_id AS "lastEventId",
  deferred_until AS "deferredUntil", unformattable, correlation_id AS "correlationId", instrument_id AS "instrumentId", tickers, acknowledged_by AS "acknowledgedBy"`;

const TOTALS = `
  SELECT user_id AS "userId", count(*) FILTER (WHERE severity = 'info')::integer AS info,
    count(*) FILTER (WHERE severity = 'warning')::integer AS warning, count(*) FILTER (WHERE severity = 'critical')::integer AS critical
  FROM alerts WHERE acknowledged_at IS NULL AND ($1::uuid[] IS NULL OR user_id = ANY ($1) OR ($2 AND user_id IS NULL))
  GROUP BY user_id ORDER BY user_id`;

const CRITICAL = `acknowledged_at IS NULL AND severity = 'critical'`;
/** Newest alerts of one owner and the unacknowledged critical ones, each by one index; an alert can be in both. */
const shownOf = (owner: string) => `
    (SELECT ${HEADLINE} FROM alerts WHERE ${owner} ORDER BY id DESC LIMIT $1)
    UNION (SELECT ${HEADLINE} FROM alerts WHERE ${owner} AND ${CRITICAL} ORDER BY id DESC LIMIT $2)`;

/** Finds each owner by one step on the index instead of reading all alerts. */
const OWNERS = `
  WITH RECURSIVE owner AS (
    (SELECT user_id FROM alerts WHERE user_id IS NOT NULL ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (SELECT a.user_id FROM alerts a WHERE a.user_id > o.user_id ORDER BY a.user_id LIMIT 1) FROM owner o WHERE o.user_id IS NOT NULL
  ), owners AS (SELECT user_id FROM owner WHERE user_id IS NOT NULL)`;
const NAMED_OWNERS = `WITH owners AS (SELECT unnest($3::uuid[]) AS user_id)`;
const SHOWN = `
  SELECT l.* FROM owners o CROSS JOIN LATERAL (${shownOf('user_id = o.user_id')}) l
  UNION ALL SELECT l.* FROM (${shownOf('user_id IS NULL')}) l`;

/** A second acknowledgement changes nothing: the first stays. */
const ACKNOWLEDGE = `
  WITH done AS (
    UPDATE alerts SET acknowledged_at = $3::timestamptz, acknowledged_by = $2::uuid WHERE id = $1::uuid AND acknowledged_at IS NULL RETURNING id
  )
  ${appendSql('alerts', 'id::text')} FROM done`;

/** Locks in the order of ids, so that two requests cannot deadlock. */
const ACKNOWLEDGE_MANY = `
  WITH wanted AS (
    SELECT id, acknowledged_at FROM alerts WHERE id = ANY ($1::uuid[]) AND ($4::uuid IS NULL OR user_id = $4::uuid) ORDER BY id FOR UPDATE
  ), done AS (
    UPDATE alerts a SET acknowledged_at = $3::timestamptz, acknowledged_by = $2::uuid FROM wanted w
    WHERE a.id = w.id AND w.acknowledged_at IS NULL RETURNING a.id
  ), feed AS (
    ${appendSql('alerts', 'id::text')} FROM done
  )
  SELECT w.id, d.id IS NOT NULL AS acknowledged FROM wanted w LEFT JOIN done d ON d.id = w.id`;

/** The SQL of reading and acknowledging alerts. */
@Injectable()
export class AlertsRepository {
  constructor(private readonly database: Database) {}

  /** Unacknowledged alerts by owner and severity: a pure function of the snapshot it runs in. @param owners null is the desk; default: all */
  totals(owners?: readonly (string | null)[]): Promise<AlertTotals[]> {
    return this.database.prepared<AlertTotals>(TOTALS, [usersIn(owners), owners?.includes(null) ?? false]);
  }

  /**
   * Each owner's newest `count` alerts and newest `criticals` unacknowledged critical ones, in no order: a pure function of the
   * snapshot. With `owners`, those of these users and of the desk.
   */
  latest(count: number, criticals: number, owners?: readonly (string | null)[]): Promise<AlertHeadline[]> {
    if (owners === undefined) return this.database.prepared<AlertHeadline>(OWNERS + SHOWN, [count, criticals]);
    return this.database.prepared<AlertHeadline>(NAMED_OWNERS + SHOWN, [count, criticals, usersIn(owners)]);
  }

  /** Those of these alerts that exist, with their owners; null is the desk. */
  ownersOf(ids: readonly string[]): Promise<{ id: string; userId: string | null }[]> {
    return this.database.prepared(`SELECT id, user_id AS "userId" FROM alerts WHERE id = ANY ($1::uuid[])`, [ids]);
  }

  /** By the time at which they were raised. */
  page(filter: AlertFilter): Promise<AlertRow[]> {
    const params: unknown[] = [filter.limit];
    const conditions = Database.conditions(params, [
      ['user_id = ', filter.userId ?? undefined, 'uuid'],
      ['severity = ANY ', filter.severities, 'text[]'],
      ['rule_id = ANY ', filter.ruleIds, 'uuid[]'],
      ['event_type = ANY ', filter.types, 'text[]'],
      // The index holds only alerts with tickers.
      [`tickers <> '{}' AND tickers && `, filter.tickers, 'text[]'],
      ['instrument_id = ANY ', filter.instrumentIds, 'uuid[]'],
      ['correlation_id = ', filter.correlationId, 'text'],
      ['id >= ', filter.fromId, 'uuid'],
      ['id < ', filter.toId, 'uuid'],
      [filter.oldestFirst ? 'id > ' : 'id < ', filter.after, 'uuid'],
    ]);
    if (filter.userId === null) conditions.push('user_id IS NULL');
    if (filter.silenced !== undefined) conditions.push(`silenced_by IS ${filter.silenced ? 'NOT ' : ''}NULL`);
    if (filter.acknowledged !== undefined)
      conditions.push(`acknowledged_at IS ${filter.acknowledged ? 'NOT ' : ''}NULL`);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<AlertRow>(
      `SELECT ${COLUMNS} FROM alerts ${where} ORDER BY id ${filter.oldestFirst ? 'ASC' : 'DESC'} LIMIT $1`,
      params,
    );
  }

  async find(id: string): Promise<AlertRow | undefined> {
    const [row] = await this.database.prepared<AlertRow>(`SELECT ${COLUMNS} FROM alerts WHERE id = $1`, [id]);
    return row;
  }

  /** @returns whether this call acknowledged it */
  async acknowledge(id: string, userId: string, now: Date): Promise<boolean> {
    return (await this.database.run(ACKNOWLEDGE, [id, userId, now])) > 0;
  }

  /** @param ownerId only alerts of this user @returns those that exist, and whether this call acknowledged them */
  acknowledgeMany(
    ids: readonly string[],
    userId: string,
    now: Date,
    ownerId: string | undefined,
  ): Promise<{ id: string; acknowledged: boolean }[]> {
    return this.database.rows(ACKNOWLEDGE_MANY, [ids, userId, now, ownerId ?? null]);
  }

  /** Removes up to `limit` alerts older than that, by the time in their ids, and puts them on the change feed. @returns how many */
  removeOlder(ms: number, limit: number): Promise<number> {
    return this.database.run(
      `WITH gone AS (
         DELETE FROM alerts WHERE id IN (
           SELECT id FROM alerts WHERE id < (SELECT uuidv7($1 * interval '-1 ms')) ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id)
       ${appendSql('alerts', 'id::text')} FROM gone`,
      [ms, limit],
    );
  }

  /** Removes the alerts of these users, for `demo clear`. @returns how many */
  removeOfUsers(userIds: readonly string[]): Promise<number> {
    return this.database.run(
      `WITH gone AS (DELETE FROM alerts WHERE user_id = ANY ($1::uuid[]) RETURNING id)
       ${appendSql('alerts', 'id::text')} FROM gone`,
      [userIds],
    );
  }
}

function usersIn(owners: readonly (string | null)[] | undefined): string[] | null {
  return owners?.filter((owner) => owner !== null) ?? null;
}
