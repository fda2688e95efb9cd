import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The path of a webhook's URL is often its secret. `url` keeps the origin, and `sealed_path` holds the rest, encrypted. The
 * key is not known to SQL: a row in clear (`sealed_path` is null) is sealed when the desk starts, or by `deskwire secrets rewrap`.
 */
export class SealWebhookPaths1766000400001 implements MigrationInterface {
  readonly name = 'SealWebhookPaths1766000400001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE webhook_endpoints ADD COLUMN sealed_path text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DO $$ BEGIN
        IF EXISTS (SELECT FROM webhook_endpoints WHERE sealed_path IS NOT NULL) THEN
          RAISE EXCEPTION 'Webhook URLs are sealed and would lose their paths. Remove the webhooks first, and add them again afterwards.';
        END IF;
      END $$
    `);
    await queryRunner.query(`ALTER TABLE webhook_endpoints DROP COLUMN sealed_path`);
  }
}
