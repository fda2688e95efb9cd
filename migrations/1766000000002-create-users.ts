import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, their logins with rotating refresh tokens, and machine keys. Of a secret only a hash is ever stored. */
export class CreateUsers1766000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE users (
        id uuid NOT NULL DEFAULT uuidv7(),
        email text NOT NULL,
        password_hash text NOT NULL,
        display_name text NOT NULL,
        roles text[] NOT NULL,
        is_demo boolean NOT NULL DEFAULT false,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_users PRIMARY KEY (id),
        CONSTRAINT uq_users_email UNIQUE (email),
        CONSTRAINT ck_users_roles CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['viewer', 'trader', 'operator', 'admin'])
      )
    `);
    await queryRunner.query(`
      CREATE TABLE auth_sessions (
        id uuid NOT NULL DEFAULT uuidv7(),
        user_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoke_reason text,
        user_agent text,
        ip inet,
        CONSTRAINT pk_auth_sessions PRIMARY KEY (id),
        CONSTRAINT fk_auth_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
      )
    `);
    await queryRunner.query(`CREATE INDEX idx_auth_sessions_user ON auth_sessions (user_id)`);
    await queryRunner.query(`CREATE INDEX idx_auth_sessions_expires_at ON auth_sessions (expires_at)`);
    await queryRunner.query(`
      CREATE TABLE refresh_tokens (
        id uuid NOT NULL DEFAULT uuidv7(),
        auth_session_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        issued_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        replaced_by uuid,
        CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
        CONSTRAINT uq_refresh_tokens_hash UNIQUE (token_hash),
        CONSTRAINT fk_refresh_tokens_session FOREIGN KEY (auth_session_id) REFERENCES auth_sessions (id) ON DELETE CASCADE
      )
    `);
    await queryRunner.query(`CREATE INDEX idx_refresh_tokens_session ON refresh_tokens (auth_session_id)`);
    await queryRunner.query(`
      CREATE TABLE api_keys (
        id uuid NOT NULL DEFAULT uuidv7(),
        user_id uuid NOT NULL,
        name text NOT NULL,
        key_hash bytea NOT NULL,
        prefix text NOT NULL,
        roles text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        CONSTRAINT pk_api_keys PRIMARY KEY (id),
        CONSTRAINT uq_api_keys_prefix UNIQUE (prefix),
        CONSTRAINT fk_api_keys_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT ck_api_keys_roles CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['viewer', 'trader', 'operator', 'admin'])
      )
    `);
    await queryRunner.query(`CREATE INDEX idx_api_keys_user ON api_keys (user_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE api_keys`);
    await queryRunner.query(`DROP TABLE refresh_tokens`);
    await queryRunner.query(`DROP TABLE auth_sessions`);
    await queryRunner.query(`DROP TABLE users`);
  }
}
