import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The token is sealed (AES-256-GCM) and erased when the session ends. Its fingerprint identifies the same token without
 * opening it.
 */
export class CreateTradingSessions1766000000004 implements MigrationInterface {
  name = 'CreateTradingSessions1766000000004';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE trading_sessions (
        id uuid NOT NULL DEFAULT uuidv7(),
        user_id uuid NOT NULL,
        broker text NOT NULL,
        account text NOT NULL,
        access_token_sealed text,
        token_fingerprint bytea,
        token_epoch integer NOT NULL,
        login_method text NOT NULL,
        expires_at timestamptz NOT NULL,
        is_active boolean NOT NULL,
        state text NOT NULL,
        details jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_trading_sessions PRIMARY KEY (id),
        CONSTRAINT uq_trading_sessions_user_broker_account UNIQUE (user_id, broker, account),
        CONSTRAINT fk_trading_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT ck_trading_sessions_login_method CHECK (login_method IN ('oauth', 'totp', 'password', 'api_key', 'manual')),
        CONSTRAINT ck_trading_sessions_state CHECK (state IN ('active', 'expiring', 'expired', 'closed')),
        CONSTRAINT ck_trading_sessions_active CHECK (
          is_active = (state IN ('active', 'expiring')) AND is_active = (access_token_sealed IS NOT NULL)
        )
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_trading_sessions_active_user ON trading_sessions (user_id) WHERE is_active`,
    );
    await queryRunner.query(
      `CREATE INDEX idx_trading_sessions_active_state_expiry ON trading_sessions (state, expires_at) WHERE is_active`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE trading_sessions`);
  }
}
