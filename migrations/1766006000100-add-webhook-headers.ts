import type { MigrationInterface, QueryRunner } from 'typeorm';

const EARLIER = `'generic', 'slack', 'discord', 'text'`;
const FORMATS = `'generic', 'slack', 'discord', 'teams', 'telegram', 'text'`;
const CHECKS = [
  ['webhook_endpoints', 'ck_webhook_endpoints_format'],
  ['delivery_lanes', 'ck_delivery_lanes_format'],
] as const;

/** Headers of webhooks, with their values sealed, and the formats of Microsoft Teams and Telegram. */
export class AddWebhookHeaders1766006000100 implements MigrationInterface {
  readonly name = 'AddWebhookHeaders1766006000100';
  readonly accepted = {
    'constraint-missing-not-valid': 'A desk has a few thousand webhooks, whose check takes milliseconds.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE webhook_endpoints ADD COLUMN header_names text[] NOT NULL DEFAULT '{}'`);
    await queryRunner.query(`ALTER TABLE webhook_endpoints ADD COLUMN sealed_headers text`);
    for (const [table, check] of CHECKS)
      await queryRunner.query(
        `ALTER TABLE ${table} DROP CONSTRAINT ${check}, ADD CONSTRAINT ${check} CHECK (format IN (${FORMATS}))`,
      );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DO $$ BEGIN
        IF EXISTS (SELECT FROM webhook_endpoints WHERE sealed_headers IS NOT NULL OR format IN ('teams', 'telegram')) THEN
          RAISE EXCEPTION 'Webhooks have headers, or the format of Teams or Telegram, which the earlier version cannot send. Change or remove these webhooks first.';
        END IF;
      END $$
    `);
    for (const [table, check] of CHECKS)
      await queryRunner.query(
        `ALTER TABLE ${table} DROP CONSTRAINT ${check}, ADD CONSTRAINT ${check} CHECK (format IN (${EARLIER}))`,
      );
    await queryRunner.query(`ALTER TABLE webhook_endpoints DROP COLUMN sealed_headers`);
    await queryRunner.query(`ALTER TABLE webhook_endpoints DROP COLUMN header_names`);
  }
}
