import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sources of news, filings, halts and prices, their claimed items, and the result of each cycle. */
export class CreateFeeds1766000000013 implements MigrationInterface {
  readonly name = 'CreateFeeds1766000000013';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE feed_sources (
        id                   uuid             NOT NULL DEFAULT uuidv7(),
        name                 text             NOT NULL,
        kind                 text             NOT NULL,
        url                  text             NOT NULL,
        venue                text,
        cadence_ms           integer          NOT NULL,
        expected_every_ms    integer,
        empty_limit          integer,
        requests_per_second  double precision NOT NULL,
        headers              jsonb            NOT NULL DEFAULT '{}',
        settings             jsonb            NOT NULL DEFAULT '{}',
        enabled              boolean          NOT NULL DEFAULT true,
        is_demo              boolean          NOT NULL DEFAULT false,
        state                text             NOT NULL DEFAULT 'quiet',
        raised               text[]           NOT NULL DEFAULT '{}',
        etag                 text,
        last_modified        text,
        body_digest          text,
        consecutive_empty    integer          NOT NULL DEFAULT 0,
        consecutive_failures integer          NOT NULL DEFAULT 0,
        unfinished           integer          NOT NULL DEFAULT 0,
        last_cycle_at        timestamptz,
        last_success_at      timestamptz,
        last_body_at         timestamptz,
        last_item_at         timestamptz,
        last_error           text,
        next_run_at          timestamptz      NOT NULL DEFAULT now(),
        lease_until          timestamptz,
        lease_owner          uuid,
        created_at           timestamptz      NOT NULL DEFAULT now(),
        updated_at           timestamptz      NOT NULL DEFAULT now(),
        CONSTRAINT pk_feed_sources PRIMARY KEY (id),
        CONSTRAINT uq_feed_sources_name UNIQUE (name),
        CONSTRAINT ck_feed_sources_kind CHECK (kind IN ('rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json')),
        CONSTRAINT ck_feed_sources_state CHECK (state IN ('live', 'quiet', 'stale', 'failing'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_feed_sources_due ON feed_sources (next_run_at) WHERE enabled`);
    // The key and digest are 16 bytes of SHA-256: a claim is 100 bytes with its index entry, whatever the guid is.
    await queryRunner.query(`
      CREATE TABLE feed_seen_items (
        source_id     uuid        NOT NULL,
        item_key      bytea       NOT NULL,
        digest        bytea       NOT NULL,
        event_id      uuid,
        title         text,
        revision      integer     NOT NULL DEFAULT 0,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at  timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_feed_seen_items PRIMARY KEY (source_id, item_key),
        CONSTRAINT fk_feed_seen_items_source FOREIGN KEY (source_id) REFERENCES feed_sources (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX idx_feed_seen_items_age ON feed_seen_items (source_id, last_seen_at)`);
    await queryRunner.query(`
      CREATE TABLE feed_cycles (
        id             uuid        NOT NULL DEFAULT uuidv7(),
        source_id      uuid        NOT NULL,
        started_at     timestamptz NOT NULL,
        finished_at    timestamptz NOT NULL DEFAULT now(),
        outcome        text        NOT NULL,
        http_status    integer,
        bytes          integer     NOT NULL DEFAULT 0,
        entries        integer     NOT NULL DEFAULT 0,
        fresh          integer     NOT NULL DEFAULT 0,
        revised        integer     NOT NULL DEFAULT 0,
        seen           integer     NOT NULL DEFAULT 0,
        unreadable     integer     NOT NULL DEFAULT 0,
        warnings       jsonb       NOT NULL DEFAULT '[]',
        error          text,
        fetch_ms       integer     NOT NULL DEFAULT 0,
        parse_ms       integer     NOT NULL DEFAULT 0,
        record_ms      integer     NOT NULL DEFAULT 0,
        correlation_id text,
        CONSTRAINT pk_feed_cycles PRIMARY KEY (id),
        CONSTRAINT fk_feed_cycles_source FOREIGN KEY (source_id) REFERENCES feed_sources (id) ON DELETE CASCADE,
        CONSTRAINT ck_feed_cycles_outcome CHECK (outcome IN ('fresh', 'empty', 'unchanged', 'failed'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_feed_cycles_source ON feed_cycles (source_id, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE feed_cycles`);
    await queryRunner.query(`DROP TABLE feed_seen_items`);
    await queryRunner.query(`DROP TABLE feed_sources`);
  }
}
