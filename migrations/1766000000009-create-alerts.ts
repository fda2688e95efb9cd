import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * alert_rule_changes records which rules changed in which transaction (TypeORM does not know the type xid8, so it has
 * no entity). A process with rules in memory reads it inside its transaction to find changes that it has not seen. A
 * trigger maintains it, so that no writer forgets it and rules deleted with their user are included.
 */
export class CreateAlerts1766000000009 implements MigrationInterface {
  name = 'CreateAlerts1766000000009';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE alert_rules (
        id uuid NOT NULL DEFAULT uuidv7(),
        user_id uuid,
        built_in text,
        name text NOT NULL,
        enabled boolean NOT NULL DEFAULT true,
        severity text NOT NULL,
        condition jsonb NOT NULL,
        channels uuid[] NOT NULL DEFAULT '{}',
        quiet_hours jsonb,
        dedupe_seconds integer NOT NULL DEFAULT 0,
        dedupe_by text[] NOT NULL DEFAULT '{}',
        title_template text,
        body_template text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_alert_rules PRIMARY KEY (id),
        CONSTRAINT uq_alert_rules_built_in UNIQUE (built_in),
        CONSTRAINT fk_alert_rules_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT ck_alert_rules_severity CHECK (severity IN ('info', 'warning', 'critical')),
        CONSTRAINT ck_alert_rules_built_in CHECK (built_in IS NULL OR user_id IS NULL)
      )`);
    await queryRunner.query(`CREATE INDEX idx_alert_rules_user ON alert_rules (user_id, id)`);
    await queryRunner.query(`
      CREATE TABLE alert_rule_changes (
        rule_id uuid NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        CONSTRAINT pk_alert_rule_changes PRIMARY KEY (rule_id)
      )`);
    await queryRunner.query(`CREATE INDEX idx_alert_rule_changes_xid ON alert_rule_changes (xid)`);
    await queryRunner.query(`
      CREATE FUNCTION note_alert_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO alert_rule_changes AS c (rule_id) VALUES (coalesce(new.id, old.id))
        ON CONFLICT (rule_id) DO UPDATE SET revision = c.revision + 1, xid = pg_current_xact_id();
        RETURN NULL;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER alert_rules_note_change AFTER INSERT OR UPDATE OR DELETE ON alert_rules
      FOR EACH ROW EXECUTE FUNCTION note_alert_rule_change()`);
    await queryRunner.query(`
      CREATE TABLE alerts (
        id uuid NOT NULL DEFAULT uuidv7(),
        rule_id uuid NOT NULL,
        rule_name text NOT NULL,
        user_id uuid,
        event_id uuid NOT NULL,
        event_type text NOT NULL,
        severity text NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        links jsonb NOT NULL,
        fields jsonb NOT NULL,
        count integer NOT NULL DEFAULT 1,
        last_event_id uuid NOT NULL,
        raised_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        deferred_until timestamptz,
        unformattable text,
        correlation_id text,
        acknowledged_at timestamptz,
        acknowledged_by uuid,
        CONSTRAINT pk_alerts PRIMARY KEY (id),
        CONSTRAINT uq_alerts_rule_event UNIQUE (rule_id, event_id),
        CONSTRAINT ck_alerts_severity CHECK (severity IN ('info', 'warning', 'critical'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_alerts_user ON alerts (user_id, id)`);
    await queryRunner.query(`CREATE INDEX idx_alerts_open ON alerts (user_id, id) WHERE acknowledged_at IS NULL`);
    await queryRunner.query(`
      CREATE TABLE alert_dedupe_windows (
        rule_id uuid NOT NULL,
        key text NOT NULL,
        alert_id uuid NOT NULL,
        until timestamptz NOT NULL,
        CONSTRAINT pk_alert_dedupe_windows PRIMARY KEY (rule_id, key)
      )`);
    await queryRunner.query(`CREATE INDEX idx_alert_dedupe_windows_until ON alert_dedupe_windows (until)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE alert_dedupe_windows`);
    await queryRunner.query(`DROP TABLE alerts`);
    await queryRunner.query(`DROP TABLE alert_rules`);
    await queryRunner.query(`DROP FUNCTION note_alert_rule_change()`);
    await queryRunner.query(`DROP TABLE alert_rule_changes`);
  }
}
