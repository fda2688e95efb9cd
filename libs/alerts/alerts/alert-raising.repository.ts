import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { type AlertEvent, textsAt, TICKER_FIELD } from '../conditions/event-view.js';
import type { RaisedAlert } from '../messages/raised-alert.js';

/** Maximum number of tickers by which an alert is found and silenced. */
const MOST_TICKERS = 100;
const LONGEST_TICKER = 32;

/**
 * Claims dedupe windows. A second claim waits for the commit of the first and then sees its window. Claims in the order of
 * the key, so two batches cannot deadlock.
 */
const CLAIM = `
  INSERT INTO alert_dedupe_windows AS w (rule_id, key, alert_id, until)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) AS g (rule_id, key, alert_id, until) ORDER BY rule_id, key
  ON CONFLICT (rule_id, key) DO UPDATE SET alert_id = excluded.alert_id, until = excluded.until WHERE w.until <= $5::timestamptz
  RETURNING alert_id AS "alertId"`;

const COUNT = `
  WITH counted AS (
    UPDATE alerts a SET count = a.count + g.count, last_event_id = g.event_id, last_at = greatest(a.last_at, $5::timestamptz)
    FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::uuid[]) AS g (rule_id, key, count, event_id)
    JOIN alert_dedupe_windows w ON w.rule_id = g.rule_id AND w.key = g.key
    WHERE a.id = w.alert_id RETURNING a.id
  )
  ${appendSql('alerts', 'id::text')} FROM counted`;

/** The silence of an alert that ends last. Each silence names at least one of rule, instrument and ticker. */
const SILENCE = `
  SELECT s.id FROM alert_silences s
  WHERE (s.user_id = g.user_id OR (s.user_id IS NULL AND g.user_id IS NULL)) AND s.until > g.raised_at
    AND (s.rule_id IS NULL OR s.rule_id = g.rule_id) AND (s.instrument_id IS NULL OR s.instrument_id = g.instrument_id)
    AND (s.ticker IS NULL OR s.ticker = ANY (g.tickers))
  ORDER BY s.until DESC, s.id LIMIT 1`;

const INSERT = `
  WITH raised AS (
    INSERT INTO alerts (id, rule_id, rule_name, user_id, event_id, event_type, severity, title, body, links, fields, count,
      last_event_id, raised_at, last_at, deferred_until, unformattable, correlation_id, instrument_id, tickers, silenced_by)
    SELECT g.id, g.rule_id, g.rule_name, g.user_id, event_id, event_type, severity, title, body, links, fields, count,
      last_event_id, raised_at, raised_at, deferred_until, unformattable, correlation_id, g.instrument_id, g.tickers, s.id
    FROM jsonb_to_recordset($1::jsonb) AS g (id uuid, rule_id uuid, rule_name text, user_id uuid, event_id uuid, event_type text,
      severity text, title text, body text, links jsonb, fields jsonb, count integer, last_event_id uuid, raised_at timestamptz,
      deferred_until timestamptz, unformattable text, correlation_id text, instrument_id uuid, tickers text[])
    LEFT JOIN LATERAL (${SILENCE}) s ON true
    ON CONFLICT ON CONSTRAINT uq_alerts_rule_event DO NOTHING
    RETURNING id, silenced_by
  ), feed AS (
    ${appendSql('alerts', 'id::text')} FROM raised
  )
  SELECT id, silenced_by AS "silencedBy" FROM raised`;

/** The next equal match after the silence is an alert of its own. By the key of the window, since nothing else of it has an index. */
const END_WINDOWS = `
  UPDATE alert_dedupe_windows w SET until = least(w.until, s.until)
  FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS g (rule_id, key, silence_id) JOIN alert_silences s ON s.id = g.silence_id
  WHERE w.rule_id = g.rule_id AND w.key = g.key`;

/** The SQL of raising alerts. It runs in the transaction of the events. */
@Injectable()
export class AlertRaisingRepository {
  constructor(private readonly database: Database) {}

  /** @returns the ids of the alerts that open a window; the others fall into an open one */
  async claimWindows(alerts: readonly RaisedAlert[], now: Date): Promise<Set<string>> {
    const rows = await this.database.prepared<{ alertId: string }>(CLAIM, [
      alerts.map(({ rule }) => rule.id),
      alerts.map(({ dedupeKey }) => dedupeKey),
      alerts.map(({ id }) => id),
      alerts.map(({ rule }) => new Date(now.getTime() + rule.dedupeSeconds * 1_000)),
      now,
    ]);
    return new Set(rows.map(({ alertId }) => alertId));
  }

  /** Counts the events of these alerts on the alert that opened their window. */
  async countOnFirst(alerts: readonly RaisedAlert[], now: Date): Promise<void> {
    await this.database.prepared(COUNT, [
      alerts.map(({ rule }) => rule.id),
      alerts.map(({ dedupeKey }) => dedupeKey),
      alerts.map(({ more }) => more.length + 1),
      alerts.map(({ event, more }) => (more.at(-1) ?? event).id),
      now,
    ]);
  }

  /** @returns the ids inserted, each with its silence; the others have an alert of the same rule and event */
  async insert(alerts: readonly RaisedAlert[]): Promise<Map<string, string | null>> {
    const rows = await this.database.prepared<{ id: string; silencedBy: string | null }>(INSERT, [
      JSON.stringify(alerts.map(toRow)),
    ]);
    return new Map(rows.map(({ id, silencedBy }) => [id, silencedBy]));
  }

  /** Ends dedupe windows with the silences of the alerts that opened them. The transaction has claimed the windows. */
  async endWindows(windows: readonly { ruleId: string; key: string; silenceId: string }[]): Promise<void> {
    await this.database.prepared(END_WINDOWS, [
      windows.map(({ ruleId }) => ruleId),
      windows.map(({ key }) => key),
      windows.map(({ silenceId }) => silenceId),
    ]);
  }
}

function toRow({
  id,
  rule,
  event,
  draft,
  raisedAt,
  deferredUntil,
  unformattable,
  more,
}: RaisedAlert): Record<string, unknown> {
  return {
    ...{
      id,
      rule_id: rule.id,
      rule_name: rule.name,
      user_id: rule.userId,
      event_id: event.id,
      event_type: event.type,
      severity: rule.severity,
    },
    ...{ title: draft.title, body: draft.body, links: draft.links, fields: draft.fields, count: more.length + 1 },
    ...{
      last_event_id: (more.at(-1) ?? event).id,
      raised_at: raisedAt,
      deferred_until: deferredUntil,
      unformattable,
      correlation_id: event.correlationId,
      instrument_id: event.instrumentId,
      tickers: tickersOf(event),
    },
  };
}

function tickersOf(event: AlertEvent): string[] {
  return textsAt(event, TICKER_FIELD)
    .filter((ticker) => ticker !== '' && ticker.length <= LONGEST_TICKER)
    .slice(0, MOST_TICKERS);
}
