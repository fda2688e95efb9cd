import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The pace of hosts, shared by all processes. Unlogged: it is worth nothing after a crash. */
export class CreateEgressHostTurns1766000000014 implements MigrationInterface {
  readonly name = 'CreateEgressHostTurns1766000000014';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE UNLOGGED TABLE egress_host_turns (
        host    text        NOT NULL,
        next_at timestamptz NOT NULL,
        CONSTRAINT pk_egress_host_turns PRIMARY KEY (host)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE egress_host_turns`);
  }
}
