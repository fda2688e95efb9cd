import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Instruments, their followers, and the releases (imports, rollbacks) that changed them.
 * Every row of a first import pays for every index of `instruments`. Trigrams over all symbols and names cost 17 us per
 * row, which tripled it; an index of names 2 us, as much as the unique key. Names repeat (230 names in 35,000
 * contracts), so `instrument_names` stores each once, with its range of symbols. Symbols have trigrams only where the
 * contract has no expiry. upper() in "C" knows ASCII only, as symbols do, and is the cheaper one.
 */
export class CreateInstruments1766000000005 implements MigrationInterface {
  name = 'CreateInstruments1766000000005';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE EXTENSION IF NOT EXISTS pg_trgm`);
    await queryRunner.query(`
      CREATE TABLE instrument_releases (
        id uuid NOT NULL DEFAULT uuidv7(),
        position integer NOT NULL,
        broker text NOT NULL,
        kind text NOT NULL,
        source text NOT NULL,
        master text,
        sha256 text,
        exchanges text[] NOT NULL DEFAULT '{}',
        rows integer NOT NULL DEFAULT 0,
        inserted integer NOT NULL DEFAULT 0,
        updated integer NOT NULL DEFAULT 0,
        unchanged integer NOT NULL DEFAULT 0,
        relisted integer NOT NULL DEFAULT 0,
        delisted integer NOT NULL DEFAULT 0,
        quarantined integer NOT NULL DEFAULT 0,
        warnings integer NOT NULL DEFAULT 0,
        listed integer NOT NULL DEFAULT 0,
        forced boolean NOT NULL DEFAULT false,
        restores uuid,
        is_demo boolean NOT NULL DEFAULT false,
        created_by uuid,
        duration_ms integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_instrument_releases PRIMARY KEY (id),
        CONSTRAINT uq_instrument_releases_broker_position UNIQUE (broker, position),
        CONSTRAINT ck_instrument_releases_kind CHECK (kind IN ('import', 'rollback')),
        CONSTRAINT fk_instrument_releases_created_by FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
      )`);
    await queryRunner.query(`
      CREATE TABLE instruments (
        id uuid NOT NULL DEFAULT uuidv7(),
        broker text NOT NULL,
        instrument_key text NOT NULL,
        exchange text NOT NULL,
        segment text,
        tradingsymbol text NOT NULL,
        name text NOT NULL,
        expiry date,
        strike numeric,
        instrument_type text,
        tick_size numeric,
        lot_size numeric,
        attributes jsonb NOT NULL DEFAULT '{}',
        is_demo boolean NOT NULL DEFAULT false,
        inserted_by uuid,
        listed_at timestamptz NOT NULL DEFAULT now(),
        delisted_at timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_instruments PRIMARY KEY (id)
      )`);
    await queryRunner.query(`
      CREATE UNIQUE INDEX uq_instruments_broker_key_listed ON instruments (broker, instrument_key) WHERE delisted_at IS NULL`);
    await queryRunner.query(`
      CREATE INDEX idx_instruments_broker_key_delisted ON instruments (broker, instrument_key) WHERE delisted_at IS NOT NULL`);
    await queryRunner.query(
      `CREATE INDEX idx_instruments_symbol ON instruments (upper(tradingsymbol COLLATE "C"), id)`,
    );
    await queryRunner.query(`
      CREATE INDEX idx_instruments_symbol_trigram ON instruments USING gin (tradingsymbol gin_trgm_ops) WHERE expiry IS NULL`);
    await queryRunner.query(`
      CREATE TABLE instrument_names (
        name text NOT NULL,
        broker text NOT NULL,
        exchange text NOT NULL,
        first_symbol text COLLATE "C" NOT NULL,
        last_symbol text COLLATE "C" NOT NULL,
        CONSTRAINT pk_instrument_names PRIMARY KEY (name, broker, exchange)
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_instrument_names_trigram ON instrument_names USING gin (name gin_trgm_ops)`,
    );
    await queryRunner.query(`
      CREATE TABLE instrument_registry (
        user_id uuid NOT NULL,
        instrument_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_instrument_registry PRIMARY KEY (user_id, instrument_id),
        CONSTRAINT fk_instrument_registry_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT fk_instrument_registry_instrument FOREIGN KEY (instrument_id) REFERENCES instruments (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX idx_instrument_registry_instrument ON instrument_registry (instrument_id)`);
    await queryRunner.query(`
      CREATE TABLE instrument_release_changes (
        release_id uuid NOT NULL,
        instrument_id uuid NOT NULL,
        action text NOT NULL,
        before jsonb NOT NULL,
        CONSTRAINT pk_instrument_release_changes PRIMARY KEY (release_id, instrument_id),
        CONSTRAINT ck_instrument_release_changes_action CHECK (action IN ('update', 'relist', 'delist')),
        CONSTRAINT fk_instrument_release_changes_release FOREIGN KEY (release_id) REFERENCES instrument_releases (id) ON DELETE CASCADE,
        CONSTRAINT fk_instrument_release_changes_instrument FOREIGN KEY (instrument_id) REFERENCES instruments (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_instrument_release_changes_instrument ON instrument_release_changes (instrument_id)`,
    );
    await queryRunner.query(`
      CREATE TABLE instrument_import_issues (
        id bigint GENERATED ALWAYS AS IDENTITY,
        release_id uuid NOT NULL,
        line integer NOT NULL,
        severity text NOT NULL,
        field text,
        reason text NOT NULL,
        excerpt text NOT NULL,
        CONSTRAINT pk_instrument_import_issues PRIMARY KEY (id),
        CONSTRAINT ck_instrument_import_issues_severity CHECK (severity IN ('quarantined', 'warning')),
        CONSTRAINT fk_instrument_import_issues_release FOREIGN KEY (release_id) REFERENCES instrument_releases (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_instrument_import_issues_release ON instrument_import_issues (release_id, id)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE instrument_import_issues`);
    await queryRunner.query(`DROP TABLE instrument_release_changes`);
    await queryRunner.query(`DROP TABLE instrument_registry`);
    await queryRunner.query(`DROP TABLE instrument_names`);
    await queryRunner.query(`DROP TABLE instruments`);
    await queryRunner.query(`DROP TABLE instrument_releases`);
  }
}
