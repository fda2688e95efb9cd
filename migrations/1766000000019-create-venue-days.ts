import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Days of a venue's calendar that operators have corrected. */
export class CreateVenueDays1766000000019 implements MigrationInterface {
  readonly name = 'CreateVenueDays1766000000019';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE venue_days (
        venue      text        NOT NULL,
        day        date        NOT NULL,
        rule       jsonb       NOT NULL,
        reason     text        NOT NULL,
        changed_by uuid        NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_venue_days PRIMARY KEY (venue, day)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE venue_days`);
  }
}
