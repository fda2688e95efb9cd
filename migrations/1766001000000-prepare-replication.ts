import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a secondary region needs. Withheld columns get a default there: a password hash (argon2id) and the hash of an API key
 * that nothing matches, because they are all zeros. An active session may lack its token. Heartbeats measure the lag in time.
 */
export class PrepareReplication1766001000000 implements MigrationInterface {
  readonly name = 'PrepareReplication1766001000000';
  readonly accepted = {
    'constraint-missing-not-valid':
      'A user has at most 20 sessions, so the scan of the table takes less than a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users ALTER COLUMN password_hash
        SET DEFAULT '$argon2id$v=19$m=19456,t=2,p=1$d2l0aGhlbGR3aXRoaGVsZA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'`);
    await queryRunner.query(`ALTER TABLE api_keys ALTER COLUMN key_hash SET DEFAULT decode(repeat('00', 32), 'hex')`);
    await queryRunner.query(`
      ALTER TABLE trading_sessions
        DROP CONSTRAINT ck_trading_sessions_active,
        ADD CONSTRAINT ck_trading_sessions_active CHECK (
          is_active = (state IN ('active', 'expiring')) AND (is_active OR access_token_sealed IS NULL)
        )`);
    await queryRunner.query(`
      CREATE TABLE replication_beats (
        at timestamptz NOT NULL,
        wal bigint NOT NULL,
        CONSTRAINT pk_replication_beats PRIMARY KEY (at)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE replication_beats`);
    await queryRunner.query(`
      UPDATE trading_sessions SET state = 'expired', is_active = false WHERE is_active AND access_token_sealed IS NULL`);
    await queryRunner.query(`
      ALTER TABLE trading_sessions
        DROP CONSTRAINT ck_trading_sessions_active,
        ADD CONSTRAINT ck_trading_sessions_active CHECK (
          is_active = (state IN ('active', 'expiring')) AND is_active = (access_token_sealed IS NOT NULL)
        )`);
    await queryRunner.query(`ALTER TABLE api_keys ALTER COLUMN key_hash DROP DEFAULT`);
    await queryRunner.query(`ALTER TABLE users ALTER COLUMN password_hash DROP DEFAULT`);
  }
}
