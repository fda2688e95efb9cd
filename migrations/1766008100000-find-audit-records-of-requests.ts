import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Audit records are found by the correlation id of their request. */
export class FindAuditRecordsOfRequests1766008100000 implements MigrationInterface {
  readonly name = 'FindAuditRecordsOfRequests1766008100000';
  readonly accepted = {
    'require-concurrent-index-creation':
      'The trail has one row for each act of a person, so an index on a million of them takes a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX idx_audit_records_correlation ON audit_records (correlation_id, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX idx_audit_records_correlation`);
  }
}
