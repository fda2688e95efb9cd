import { Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface SilenceRow {
  id: string;
  /** Owner of the silenced rules; null: the desk. */
  userId: string | null;
  ruleId: string | null;
  instrumentId: string | null;
  ticker: string | null;
  reason: string;
  until: Date;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export type NewSilence = Pick<
  SilenceRow,
  'userId' | 'ruleId' | 'instrumentId' | 'ticker' | 'reason' | 'until' | 'createdBy'
>;

export interface SilenceFilter {
  /** Owner; null: the desk; left out: all owners. */
  userId?: string | null | undefined;
  ruleIds?: readonly string[] | undefined;
  instrumentIds?: readonly string[] | undefined;
  tickers?: readonly string[] | undefined;
  state?: 'active' | 'ended' | undefined;
  now: Date;
  beforeId?: string | undefined;
  limit: number;
}

const COLUMNS = `id, user_id AS "userId", rule_id AS "ruleId", instrument_id AS "instrumentId", ticker, reason, until,
  created_by AS "createdBy", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Both parts have an index. IS NOT DISTINCT FROM has none. */
const OF_OWNER = '(user_id = $1::uuid OR (user_id IS NULL AND $1::uuid IS NULL))';

/** Of the rules that the silence holds. Locks in the order in which alerts claim their windows, so that neither waits for the other. */
const END_WINDOWS = `
  WITH silenced AS (
    SELECT w.rule_id, w.key FROM alert_dedupe_windows w JOIN alerts a ON a.id = w.alert_id
    WHERE w.rule_id IN (SELECT id FROM alert_rules WHERE user_id IS NOT DISTINCT FROM $3::uuid AND id = coalesce($4::uuid, id))
      AND a.silenced_by = $1::uuid AND w.until > $2::timestamptz ORDER BY w.rule_id, w.key FOR UPDATE OF w
  )
  UPDATE alert_dedupe_windows w SET until = $2::timestamptz FROM silenced s WHERE w.rule_id = s.rule_id AND w.key = s.key`;

/** The SQL of alert_silences. Alerts are compared with them where they are inserted. */
@Injectable()
export class AlertSilencesRepository {
  constructor(private readonly database: Database) {}

  async insert(silence: NewSilence): Promise<SilenceRow> {
    const [row] = await this.database.rows<SilenceRow>(
      `INSERT INTO alert_silences (user_id, rule_id, instrument_id, ticker, reason, until, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [
        silence.userId,
        silence.ruleId,
        silence.instrumentId,
        silence.ticker,
        silence.reason,
        silence.until,
        silence.createdBy,
      ],
    );
    return row!;
  }

  async update(id: string, { until, reason }: Partial<Pick<SilenceRow, 'until' | 'reason'>>) {
    const [row] = await this.database.rows<SilenceRow>(
      `UPDATE alert_silences SET until = coalesce($2::timestamptz, until), reason = coalesce($3::text, reason), updated_at = now()
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, until ?? null, reason ?? null],
    );
    return row;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.database.run('DELETE FROM alert_silences WHERE id = $1', [id])) > 0;
  }

  async find(id: string): Promise<SilenceRow | undefined> {
    const [row] = await this.database.rows<SilenceRow>(`SELECT ${COLUMNS} FROM alert_silences WHERE id = $1`, [id]);
    return row;
  }

  /** Newest first. */
  page(filter: SilenceFilter): Promise<SilenceRow[]> {
    const params: unknown[] = [filter.limit];
    const conditions = Database.conditions(params, [
      ['user_id = ', filter.userId ?? undefined, 'uuid'],
      ['rule_id = ANY ', filter.ruleIds, 'uuid[]'],
      ['instrument_id = ANY ', filter.instrumentIds, 'uuid[]'],
      ['ticker = ANY ', filter.tickers, 'text[]'],
      ['until > ', filter.state === 'active' ? filter.now : undefined, 'timestamptz'],
      ['until <= ', filter.state === 'ended' ? filter.now : undefined, 'timestamptz'],
      ['id < ', filter.beforeId, 'uuid'],
    ]);
    if (filter.userId === null) conditions.push('user_id IS NULL');
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<SilenceRow>(
      `SELECT ${COLUMNS} FROM alert_silences ${where} ORDER BY id DESC LIMIT $1`,
      params,
    );
  }

  /** Counts the active silences of a user or of the desk. */
  async count(userId: string | null, now: Date): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM alert_silences WHERE ${OF_OWNER} AND until > $2`,
      [userId, now],
    );
    return row!.count;
  }

  /** Removes ended silences of a user or of the desk, except the `kept` newest. */
  async removeEnded(userId: string | null, now: Date, kept: number): Promise<void> {
    await this.database.run(
      `DELETE FROM alert_silences WHERE id IN (
         SELECT id FROM alert_silences WHERE ${OF_OWNER} AND until <= $2 ORDER BY until DESC, id OFFSET $3)`,
      [userId, now, kept],
    );
  }

  /** Ends the dedupe windows of silenced alerts at that time: the next equal match is an alert of its own again. */
  async endWindows({ id, userId, ruleId }: SilenceRow, at: Date): Promise<void> {
    await this.database.run(END_WINDOWS, [id, at, userId, ruleId]);
  }
}
