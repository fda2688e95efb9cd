import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { OrderKey } from '#text';
import type { AlertRule } from './alert-rule.js';
import type { RuleColumns, RulesQuery } from './alert-rule.dto.js';

/** The columns of alert_rules as AlertRule names them. */
export const RULE_COLUMNS = `r.id, r.user_id AS "userId", r.built_in AS "builtIn", r.name, r.enabled,
  r.switched_off AS "switchedOff", r.severity, r.condition, r.channels,
  r.quiet_hours AS "quietHours", r.dedupe_seconds AS "dedupeSeconds", r.dedupe_by AS "dedupeBy",
  r.title_template AS "titleTemplate", r.body_template AS "bodyTemplate", r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

/** Column and type of each member. */
const COLUMNS: Record<keyof RuleColumns, readonly [string, string]> = {
  name: ['name', 'text'],
  enabled: ['enabled', 'boolean'],
  severity: ['severity', 'text'],
  condition: ['condition', 'jsonb'],
  patternSize: ['pattern_size', 'integer'],
  channels: ['channels', 'uuid[]'],
  quietHours: ['quiet_hours', 'jsonb'],
  dedupeSeconds: ['dedupe_seconds', 'integer'],
  dedupeBy: ['dedupe_by', 'text[]'],
  titleTemplate: ['title_template', 'text'],
  bodyTemplate: ['body_template', 'text'],
};

export interface RuleFilter {
  /** Owner; null: the desk; left out: all owners. */
  userId?: string | null | undefined;
  enabled?: boolean | undefined;
  severities?: readonly string[] | undefined;
  sort: RulesQuery['sort'];
  after?: OrderKey | undefined;
  limit: number;
}

/** The SQL of alert_rules. A trigger notes each write for the rules in memory. */
@Injectable()
export class AlertRulesRepository {
  constructor(private readonly database: Database) {}

  async insert(userId: string | null, rule: RuleColumns): Promise<AlertRule> {
    const given = Object.entries(COLUMNS) as [keyof RuleColumns, readonly [string, string]][];
    const values = given.map(([member]) => parameter(member, rule[member]));
    const [row] = await this.database.rows<AlertRule>(
      `INSERT INTO alert_rules AS r (user_id, ${given.map(([, [column]]) => column).join(', ')})
       VALUES ($1::uuid, ${given.map(([, [, type]], index) => `$${index + 2}::${type}`).join(', ')}) RETURNING ${RULE_COLUMNS}`,
      [userId, ...values],
    );
    return row!;
  }

  async update(id: string, changed: Partial<RuleColumns>): Promise<AlertRule | undefined> {
    const members = Object.keys(changed) as (keyof RuleColumns)[];
    const sets = members.map((member, index) => `${COLUMNS[member][0]} = $${index + 2}::${COLUMNS[member][1]}`);
    const [row] = await this.database.rows<AlertRule>(
      `UPDATE alert_rules r SET ${[...sets, ...(changed.enabled === true ? ['switched_off = NULL'] : []), 'updated_at = now()'].join(', ')} WHERE id = $1 RETURNING ${RULE_COLUMNS}`,
      [id, ...members.map((member) => parameter(member, changed[member]))],
    );
    return row;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.database.run('DELETE FROM alert_rules WHERE id = $1', [id])) > 0;
  }

  async find(id: string): Promise<AlertRule | undefined> {
    const [row] = await this.database.prepared<AlertRule>(`SELECT ${RULE_COLUMNS} FROM alert_rules r WHERE id = $1`, [
      id,
    ]);
    return row;
  }

  page({ userId, enabled, severities, sort, after, limit }: RuleFilter): Promise<AlertRule[]> {
    const params: unknown[] = [limit];
    const keyset = Database.keyset(
      params,
      sort,
      { createdAt: null, name: ['r.name', 'text'] },
      ['r.id', 'uuid'],
      after,
    );
    const conditions = [
      ...(userId === undefined
        ? []
        : [userId === null ? 'r.user_id IS NULL' : `r.user_id = $${params.push(userId)}::uuid`]),
      ...(enabled === undefined ? [] : [`r.enabled = $${params.push(enabled)}::boolean`]),
      ...(severities === undefined ? [] : [`r.severity = ANY ($${params.push(severities)}::text[])`]),
      ...keyset.after,
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.database.rows<AlertRule>(
      `SELECT ${RULE_COLUMNS} FROM alert_rules r ${where} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  /** Counts the rules of a user or of the desk, without built-in ones. */
  async count(userId: string | null): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      'SELECT count(*)::integer AS count FROM alert_rules WHERE user_id IS NOT DISTINCT FROM $1::uuid AND built_in IS NULL',
      [userId],
    );
    return row!.count;
  }

  /** Total program size of the patterns of a user's or the desk's rules. @param exceptId a rule to leave out */
  async patternSize(userId: string | null, exceptId: string | undefined): Promise<number> {
    const [row] = await this.database.rows<{ size: number }>(
      `SELECT coalesce(sum(pattern_size), 0)::integer AS size FROM alert_rules
       WHERE user_id IS NOT DISTINCT FROM $1::uuid AND id IS DISTINCT FROM $2::uuid`,
      [userId, exceptId ?? null],
    );
    return row!.size;
  }

  /** Total size in bytes of the rules of a user or the desk, without built-in ones. */
  async bytes(userId: string | null): Promise<number> {
    const [row] = await this.database.rows<{ bytes: number }>(
      `SELECT coalesce(sum(octet_length(concat(condition, name, title_template, body_template, quiet_hours))), 0)::integer AS bytes
       FROM alert_rules WHERE user_id IS NOT DISTINCT FROM $1::uuid AND built_in IS NULL`,
      [userId],
    );
    return row!.bytes;
  }

  /** Adds missing built-in rules. Existing ones keep the settings of the operators. @returns how many it added */
  addBuiltIn(
    rules: readonly {
      type: string;
      name: string;
      severity: string;
      condition: object;
      dedupeSeconds: number;
      dedupeBy: readonly string[];
    }[],
  ): Promise<number> {
    return this.database.run(
      `INSERT INTO alert_rules (built_in, name, severity, condition, dedupe_seconds, dedupe_by)
       SELECT g.type, g.name, g.severity, g.condition, g."dedupeSeconds", g."dedupeBy"
       FROM jsonb_to_recordset($1::jsonb) AS g (type text, name text, severity text, condition jsonb, "dedupeSeconds" integer, "dedupeBy" text[])
       WHERE NOT EXISTS (SELECT FROM alert_rules r WHERE r.built_in = g.type)
       ON CONFLICT ON CONSTRAINT uq_alert_rules_built_in DO NOTHING`,
      [JSON.stringify(rules)],
    );
  }
}

function parameter(member: keyof RuleColumns, value: unknown): unknown {
  return COLUMNS[member][1] === 'jsonb' && value !== null ? JSON.stringify(value) : value;
}
