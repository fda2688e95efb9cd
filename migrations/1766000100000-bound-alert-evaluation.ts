import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts rules that exceed their time, and keeps events that ended a worker thread twice. */
export class BoundAlertEvaluation1766000100000 implements MigrationInterface {
  readonly name = 'BoundAlertEvaluation1766000100000';
  readonly accepted = {
    'require-concurrent-index-creation':
      'The inbox holds only events that are not evaluated yet, and no row meets the condition of the index.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE alert_rules ADD COLUMN switched_off text, ADD COLUMN pattern_size integer NOT NULL DEFAULT 0
    `);
    await queryRunner.query(`
      CREATE TABLE alert_rule_overruns (
        rule_id uuid NOT NULL,
        events integer NOT NULL,
        since timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_alert_rule_overruns PRIMARY KEY (rule_id),
        CONSTRAINT fk_alert_rule_overruns_rule FOREIGN KEY (rule_id) REFERENCES alert_rules (id) ON DELETE CASCADE
      )
    `);
    await queryRunner.query(`
      ALTER TABLE event_inbox ADD COLUMN set_aside_at timestamptz, ADD COLUMN set_aside_reason text
    `);
    await queryRunner.query(`
      CREATE INDEX idx_event_inbox_set_aside ON event_inbox (set_aside_at) WHERE set_aside_at IS NOT NULL
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX idx_event_inbox_set_aside`);
    await queryRunner.query(`ALTER TABLE event_inbox DROP COLUMN set_aside_at, DROP COLUMN set_aside_reason`);
    await queryRunner.query(`DROP TABLE alert_rule_overruns`);
    await queryRunner.query(`ALTER TABLE alert_rules DROP COLUMN switched_off, DROP COLUMN pattern_size`);
  }
}
