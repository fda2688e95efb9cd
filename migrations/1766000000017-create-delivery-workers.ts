import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The leases of the processes that send. One row per process, so that a renewal is one HOT update of one row. */
export class CreateDeliveryWorkers1766000000017 implements MigrationInterface {
  name = 'CreateDeliveryWorkers1766000000017';

  async up(queryRunner: QueryRunner): Promise<void> {
    // No index on lease_until: an indexed column that changes would rule out HOT updates, and the table has a few rows.
    await queryRunner.query(`
      CREATE TABLE delivery_workers (
        id uuid NOT NULL,
        lease_until timestamptz NOT NULL,
        CONSTRAINT pk_delivery_workers PRIMARY KEY (id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE delivery_workers`);
  }
}
