import { BEGIN_EPOCH_SQL } from '#changes';
import type { SqlRunner } from '../clusters/cluster.client.js';

interface OwnedSequence {
  sequence: string;
  table: string;
  column: string;
}

/** Statements that turn the rows of a secondary into a desk of its own. Each is safe to repeat. */
export class PromotionRepository {
  constructor(private readonly secondary: SqlRunner) {}

  /** Sets every sequence above the values that came by replication, which moves no sequence. @returns their number */
  async setSequences(): Promise<number> {
    const sequences = await this.secondary.rows<OwnedSequence>(
      `SELECT s.oid::regclass::text AS sequence, t.oid::regclass::text AS table, quote_ident(a.attname) AS column
       FROM pg_class s
       JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
       JOIN pg_class t ON t.oid = d.refobjid
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
       WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace ORDER BY 1`,
    );
    for (const { sequence, table, column } of sequences)
      await this.secondary.rows(
        `SELECT setval('${sequence}', greatest(last_value + is_called::integer, (SELECT max(${column}) FROM ${table}) + 1), false) FROM ${sequence}`,
      );
    return sequences.length;
  }

  /** Notes every rule as changed by this transaction. The trigger that notes changes does not fire for replicated rows. */
  async noteRules(): Promise<void> {
    await this.secondary.rows(
      `INSERT INTO alert_rule_changes AS c (rule_id) SELECT id FROM alert_rules
       ON CONFLICT (rule_id) DO UPDATE SET revision = c.revision + 1, xid = pg_current_xact_id(), deleted_at = NULL`,
    );
  }

  async beginEpoch(): Promise<void> {
    await this.secondary.rows(BEGIN_EPOCH_SQL);
  }

  /**
   * Pauses the webhooks without path, headers or secret and holds their deliveries, which would go to a wrong address or be unsigned.
   * Their owners set the URL, rotate the secret and resume.
   * @returns their ids
   */
  async pauseIncomplete(): Promise<string[]> {
    const rows = await this.secondary.rows<{ id: string }>(
      `WITH incomplete AS (
         UPDATE webhook_endpoints e SET state = 'disabled', state_reason = 'paused', state_since = now(), probe_at = NULL
         WHERE sealed_path IS NULL OR (sealed_headers IS NULL AND cardinality(header_names) > 0) OR NOT EXISTS (SELECT FROM webhook_secrets s WHERE s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > now()))
         RETURNING id
       ), lanes AS (
         UPDATE delivery_lanes l SET mode = 'held', mode_since = now(), hold_reason = 'paused' FROM incomplete i WHERE l.endpoint_id = i.id
       ), held AS (
         UPDATE alert_delivery_queue q SET status = 'held' FROM incomplete i WHERE q.endpoint_id = i.id AND q.status = 'pending'
       )
       SELECT id FROM incomplete ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  }
}
