import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sign-in is a login; "session" is a broker session only. Renames tables, columns, constraints and indexes, and moves no row. */
export class RenameAuthSessionsToLogins1766000000015 implements MigrationInterface {
  readonly accepted = {
    'renaming-table': 'The upgrade stops the processes of the earlier version first.',
    'renaming-column': 'The upgrade stops the processes of the earlier version first.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE auth_sessions RENAME TO logins`);
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT pk_auth_sessions TO pk_logins`);
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT fk_auth_sessions_user TO fk_logins_user`);
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT auth_sessions_id_not_null TO logins_id_not_null`);
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT auth_sessions_user_id_not_null TO logins_user_id_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT auth_sessions_created_at_not_null TO logins_created_at_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT auth_sessions_last_used_at_not_null TO logins_last_used_at_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT auth_sessions_expires_at_not_null TO logins_expires_at_not_null`,
    );
    await queryRunner.query(`ALTER INDEX idx_auth_sessions_user RENAME TO idx_logins_user`);
    await queryRunner.query(`ALTER INDEX idx_auth_sessions_expires_at RENAME TO idx_logins_expires_at`);
    await queryRunner.query(`ALTER TABLE refresh_tokens RENAME COLUMN auth_session_id TO login_id`);
    await queryRunner.query(
      `ALTER TABLE refresh_tokens RENAME CONSTRAINT fk_refresh_tokens_session TO fk_refresh_tokens_login`,
    );
    await queryRunner.query(
      `ALTER TABLE refresh_tokens RENAME CONSTRAINT refresh_tokens_auth_session_id_not_null TO refresh_tokens_login_id_not_null`,
    );
    await queryRunner.query(`ALTER INDEX idx_refresh_tokens_session RENAME TO idx_refresh_tokens_login`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER INDEX idx_refresh_tokens_login RENAME TO idx_refresh_tokens_session`);
    await queryRunner.query(
      `ALTER TABLE refresh_tokens RENAME CONSTRAINT refresh_tokens_login_id_not_null TO refresh_tokens_auth_session_id_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE refresh_tokens RENAME CONSTRAINT fk_refresh_tokens_login TO fk_refresh_tokens_session`,
    );
    await queryRunner.query(`ALTER TABLE refresh_tokens RENAME COLUMN login_id TO auth_session_id`);
    await queryRunner.query(`ALTER INDEX idx_logins_expires_at RENAME TO idx_auth_sessions_expires_at`);
    await queryRunner.query(`ALTER INDEX idx_logins_user RENAME TO idx_auth_sessions_user`);
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT logins_expires_at_not_null TO auth_sessions_expires_at_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT logins_last_used_at_not_null TO auth_sessions_last_used_at_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT logins_created_at_not_null TO auth_sessions_created_at_not_null`,
    );
    await queryRunner.query(
      `ALTER TABLE logins RENAME CONSTRAINT logins_user_id_not_null TO auth_sessions_user_id_not_null`,
    );
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT logins_id_not_null TO auth_sessions_id_not_null`);
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT fk_logins_user TO fk_auth_sessions_user`);
    await queryRunner.query(`ALTER TABLE logins RENAME CONSTRAINT pk_logins TO pk_auth_sessions`);
    await queryRunner.query(`ALTER TABLE logins RENAME TO auth_sessions`);
  }
}
