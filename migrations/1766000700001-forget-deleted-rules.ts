import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes when an alert rule was deleted, so that the note itself is removed later. It was kept for each deleted rule. */
export class ForgetDeletedRules1766000700001 implements MigrationInterface {
  readonly name = 'ForgetDeletedRules1766000700001';
  readonly accepted = {
    'require-concurrent-index-creation':
      'The table has one row for each rule that was changed, so the index takes milliseconds.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE alert_rule_changes ADD COLUMN deleted_at timestamptz`);
    await queryRunner.query(`
      UPDATE alert_rule_changes SET deleted_at = now()
       WHERE NOT EXISTS (SELECT FROM alert_rules r WHERE r.id = rule_id)`);
    await queryRunner.query(`CREATE INDEX idx_alert_rule_changes_deleted ON alert_rule_changes (deleted_at)`);
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION note_alert_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO alert_rule_changes AS c (rule_id, deleted_at)
        VALUES (coalesce(new.id, old.id), CASE WHEN tg_op = 'DELETE' THEN now() END)
        ON CONFLICT (rule_id) DO UPDATE
          SET revision = c.revision + 1, xid = pg_current_xact_id(), deleted_at = excluded.deleted_at;
        RETURN NULL;
      END $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION note_alert_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO alert_rule_changes AS c (rule_id) VALUES (coalesce(new.id, old.id))
        ON CONFLICT (rule_id) DO UPDATE SET revision = c.revision + 1, xid = pg_current_xact_id();
        RETURN NULL;
      END $$`);
    await queryRunner.query(`ALTER TABLE alert_rule_changes DROP COLUMN deleted_at`);
  }
}
