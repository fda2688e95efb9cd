import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Endpoints, their sealed secrets in a table of their own that is never published, and their health per minute. */
export class CreateWebhooks1766000000011 implements MigrationInterface {
  name = 'CreateWebhooks1766000000011';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE webhook_endpoints (
        id uuid NOT NULL DEFAULT uuidv7(),
        user_id uuid,
        url text NOT NULL,
        description text NOT NULL DEFAULT '',
        format text NOT NULL,
        operator boolean NOT NULL DEFAULT false,
        min_severity text,
        concurrency integer NOT NULL,
        rate_per_second double precision,
        state text NOT NULL DEFAULT 'healthy',
        state_reason text,
        state_since timestamptz NOT NULL DEFAULT now(),
        failing_since timestamptz,
        probe_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_webhook_endpoints PRIMARY KEY (id),
        CONSTRAINT fk_webhook_endpoints_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT ck_webhook_endpoints_format CHECK (format IN ('generic', 'slack', 'discord', 'text')),
        CONSTRAINT ck_webhook_endpoints_state CHECK (state IN ('healthy', 'degraded', 'disabled')),
        CONSTRAINT ck_webhook_endpoints_reason CHECK ((state = 'healthy') = (state_reason IS NULL)),
        CONSTRAINT ck_webhook_endpoints_severity CHECK (min_severity IN ('info', 'warning', 'critical'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_webhook_endpoints_user ON webhook_endpoints (user_id)`);
    await queryRunner.query(
      `CREATE INDEX idx_webhook_endpoints_probe ON webhook_endpoints (probe_at) WHERE state = 'disabled'`,
    );
    await queryRunner.query(`
      CREATE TABLE webhook_secrets (
        id uuid NOT NULL DEFAULT uuidv7(),
        endpoint_id uuid NOT NULL,
        sealed text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        CONSTRAINT pk_webhook_secrets PRIMARY KEY (id),
        CONSTRAINT fk_webhook_secrets_endpoint FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX idx_webhook_secrets_endpoint ON webhook_secrets (endpoint_id)`);
    // No foreign key: its check would lock the endpoint's row for each batch of attempts.
    await queryRunner.query(`
      CREATE TABLE webhook_health_metrics (
        endpoint_id uuid NOT NULL,
        minute timestamptz NOT NULL,
        sent integer NOT NULL,
        failed integer NOT NULL,
        latency_ms_sum bigint NOT NULL,
        latency_ms_max integer NOT NULL,
        CONSTRAINT pk_webhook_health_metrics PRIMARY KEY (endpoint_id, minute)
      )`);
    await queryRunner.query(`CREATE INDEX idx_webhook_health_metrics_minute ON webhook_health_metrics (minute)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['webhook_health_metrics', 'webhook_secrets', 'webhook_endpoints'])
      await queryRunner.query(`DROP TABLE ${table}`);
  }
}
