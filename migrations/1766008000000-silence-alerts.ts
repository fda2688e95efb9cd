import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Silences, and what a list of alerts is filtered by: instrument, tickers, correlation id, and the silence of an alert. */
export class SilenceAlerts1766008000000 implements MigrationInterface {
  readonly name = 'SilenceAlerts1766008000000';
  readonly accepted = {
    'require-concurrent-index-creation':
      'Alerts are kept for 90 days. Both indexes on a million of them take two seconds, and the evaluation of events waits in the inbox.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE alert_silences (
        id            uuid        NOT NULL DEFAULT uuidv7(),
        user_id       uuid,
        rule_id       uuid,
        instrument_id uuid,
        ticker        text,
        reason        text        NOT NULL DEFAULT '',
        until         timestamptz NOT NULL,
        created_by    uuid        NOT NULL,
        created_at    timestamptz NOT NULL DEFAULT now(),
        updated_at    timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_alert_silences PRIMARY KEY (id),
        CONSTRAINT fk_alert_silences_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT fk_alert_silences_rule FOREIGN KEY (rule_id) REFERENCES alert_rules (id) ON DELETE CASCADE,
        CONSTRAINT ck_alert_silences_subject CHECK (num_nonnulls(rule_id, instrument_id, ticker) > 0)
      )`);
    await queryRunner.query(`CREATE INDEX idx_alert_silences_user ON alert_silences (user_id, until)`);
    await queryRunner.query(`CREATE INDEX idx_alert_silences_rule ON alert_silences (rule_id)`);
    await queryRunner.query(`
      ALTER TABLE alerts
        ADD COLUMN instrument_id uuid,
        ADD COLUMN tickers text[] NOT NULL DEFAULT '{}',
        ADD COLUMN silenced_by uuid`);
    await queryRunner.query(`CREATE INDEX idx_alerts_tickers ON alerts USING gin (tickers) WHERE tickers <> '{}'`);
    await queryRunner.query(`CREATE INDEX idx_alerts_correlation ON alerts (correlation_id, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX idx_alerts_correlation`);
    await queryRunner.query(`DROP INDEX idx_alerts_tickers`);
    await queryRunner.query(`
      ALTER TABLE alerts
        DROP COLUMN silenced_by,
        DROP COLUMN tickers,
        DROP COLUMN instrument_id`);
    await queryRunner.query(`DROP TABLE alert_silences`);
  }
}
