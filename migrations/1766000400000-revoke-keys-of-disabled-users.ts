import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A disabled user has no active API key, so enabling the user revives none. Earlier versions left the keys of disabled users active. */
export class RevokeKeysOfDisabledUsers1766000400000 implements MigrationInterface {
  readonly name = 'RevokeKeysOfDisabledUsers1766000400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE api_keys k SET revoked_at = now() FROM users u
      WHERE u.id = k.user_id AND u.disabled_at IS NOT NULL AND k.revoked_at IS NULL
    `);
  }

  /** A revoked key stays revoked, because it is unknown which ones were in use. */
  async down(): Promise<void> {}
}
