import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row of the change feed may name all keys that a statement changed, so that 750 quotes append one row and not 750. */
export class GroupChangeFeedKeys1766000500001 implements MigrationInterface {
  readonly name = 'GroupChangeFeedKeys1766000500001';
  readonly accepted = {
    'ban-drop-not-null':
      'The upgrade notes say that the earlier version, which cannot read such rows, is stopped first.',
    'constraint-missing-not-valid': 'The change feed keeps rows for one hour, so the scan is short.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE change_feed
        ADD COLUMN keys text[],
        ALTER COLUMN key DROP NOT NULL,
        ADD CONSTRAINT ck_change_feed_key CHECK (num_nonnulls(key, keys) = 1)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO change_feed (xid, topic, key, at)
      SELECT xid, topic, each, at FROM change_feed CROSS JOIN LATERAL unnest(keys) AS each`);
    await queryRunner.query(`DELETE FROM change_feed WHERE key IS NULL`);
    await queryRunner.query(`
      ALTER TABLE change_feed
        DROP CONSTRAINT ck_change_feed_key,
        DROP COLUMN keys,
        ALTER COLUMN key SET NOT NULL`);
  }
}
