import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what: one row per act of security. No foreign keys, because a row outlives its users and subjects. */
export class CreateAuditRecords1766000400002 implements MigrationInterface {
  readonly name = 'CreateAuditRecords1766000400002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_records (
        id uuid NOT NULL DEFAULT uuidv7(),
        action text NOT NULL,
        actor_id uuid,
        actor_via text NOT NULL,
        credential_id uuid,
        subject_kind text NOT NULL,
        subject_id text,
        owner_id uuid,
        address inet,
        correlation_id text NOT NULL,
        before jsonb,
        after jsonb,
        count integer NOT NULL DEFAULT 1,
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_audit_records PRIMARY KEY (id),
        CONSTRAINT ck_audit_records_via CHECK (actor_via IN ('login', 'api_key', 'anonymous', 'command_line', 'system'))
      )
    `);
    await queryRunner.query(`CREATE INDEX idx_audit_records_action ON audit_records (action, id)`);
    await queryRunner.query(`CREATE INDEX idx_audit_records_actor ON audit_records (actor_id, id)`);
    await queryRunner.query(`CREATE INDEX idx_audit_records_subject ON audit_records (subject_id, id)`);
    await queryRunner.query(`CREATE INDEX idx_audit_records_owner ON audit_records (owner_id, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE audit_records`);
  }
}
