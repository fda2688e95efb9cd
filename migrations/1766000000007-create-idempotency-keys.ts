import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Used Idempotency-Keys and their answers. Without a foreign key to its owner: a machine key is one too, and all of it is gone after a day. */
export class CreateIdempotencyKeys1766000000007 implements MigrationInterface {
  readonly name = 'CreateIdempotencyKeys1766000000007';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        owner_id     uuid        NOT NULL,
        key          text        NOT NULL,
        operation    text        NOT NULL,
        fingerprint  bytea       NOT NULL,
        status       smallint,
        answer       text,
        answer_bytes integer     NOT NULL DEFAULT 0,
        left_out     text,
        created_at   timestamptz NOT NULL DEFAULT now(),
        expires_at   timestamptz NOT NULL,
        CONSTRAINT pk_idempotency_keys PRIMARY KEY (owner_id, key),
        CONSTRAINT ck_idempotency_keys_left_out CHECK (left_out IN ('secret', 'size'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_idempotency_keys_expires_at ON idempotency_keys (expires_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE idempotency_keys`);
  }
}
