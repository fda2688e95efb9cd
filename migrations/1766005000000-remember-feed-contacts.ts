import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The time zone of a source, its first contact, where it has moved, and whether it is gone. What a feed held before its first
 * contact raises no alerts. Feeds that were read before have had theirs.
 */
export class RememberFeedContacts1766005000000 implements MigrationInterface {
  readonly name = 'RememberFeedContacts1766005000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE feed_sources
        ADD COLUMN time_zone      text,
        ADD COLUMN alert_on_first integer NOT NULL DEFAULT 0,
        ADD COLUMN moved_to       text,
        ADD COLUMN gone_at        timestamptz,
        ADD COLUMN first_read_at  timestamptz`);
    await queryRunner.query(`UPDATE feed_sources SET first_read_at = coalesce(last_body_at, last_success_at)
       WHERE last_success_at IS NOT NULL`);
    await queryRunner.query(`ALTER TABLE feed_cycles ADD COLUMN unalerted integer NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE feed_cycles DROP COLUMN unalerted`);
    await queryRunner.query(`
      ALTER TABLE feed_sources
        DROP COLUMN time_zone,
        DROP COLUMN alert_on_first,
        DROP COLUMN moved_to,
        DROP COLUMN gone_at,
        DROP COLUMN first_read_at`);
  }
}
