import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { AlertRule } from '../rules/alert-rule.js';
import { RULE_COLUMNS } from '../rules/alert-rules.repository.js';

/** Counts of events on which a rule exceeded its time, and rules that were switched off for it. */
@Injectable()
export class RuleOverrunsRepository {
  constructor(private readonly database: Database) {}

  /** Adds to the count of the last 24 hours. @returns the count; undefined if the rule is gone */
  async add(ruleId: string, events: number): Promise<number | undefined> {
    const [row] = await this.database.rows<{ events: number }>(
      `INSERT INTO alert_rule_overruns AS o (rule_id, events) SELECT id, $2 FROM alert_rules WHERE id = $1
       ON CONFLICT (rule_id) DO UPDATE SET
         events = CASE WHEN o.since < now() - interval '1 day' THEN excluded.events ELSE o.events + excluded.events END,
         since = CASE WHEN o.since < now() - interval '1 day' THEN now() ELSE o.since END
       RETURNING events`,
      [ruleId, events],
    );
    return row?.events;
  }

  /** @returns the rule; undefined if it was off already */
  async switchOff(ruleId: string, reason: string): Promise<AlertRule | undefined> {
    await this.database.run('DELETE FROM alert_rule_overruns WHERE rule_id = $1', [ruleId]);
    const [rule] = await this.database.rows<AlertRule>(
      `UPDATE alert_rules r SET enabled = false, switched_off = $2, updated_at = now() WHERE id = $1 AND enabled RETURNING ${RULE_COLUMNS}`,
      [ruleId, reason],
    );
    return rule;
  }
}
