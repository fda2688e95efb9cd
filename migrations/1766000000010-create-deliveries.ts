import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ledger of deliveries, its attempts, and the lanes (one an endpoint) with their circuits. */
export class CreateDeliveries1766000000010 implements MigrationInterface {
  name = 'CreateDeliveries1766000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE delivery_lanes (
        endpoint_id uuid NOT NULL,
        channel text NOT NULL,
        format text NOT NULL,
        user_id uuid,
        operator boolean NOT NULL,
        concurrency integer NOT NULL,
        rate_per_second double precision,
        min_severity text,
        mode text NOT NULL DEFAULT 'normal',
        mode_since timestamptz NOT NULL DEFAULT now(),
        hold_reason text,
        circuit text NOT NULL DEFAULT 'closed',
        circuit_since timestamptz NOT NULL DEFAULT now(),
        probe_at timestamptz,
        failures_in_row integer NOT NULL DEFAULT 0,
        proven boolean NOT NULL DEFAULT false,
        tokens double precision NOT NULL DEFAULT 0,
        tokens_at timestamptz NOT NULL DEFAULT '-infinity',
        claim_xid bigint NOT NULL DEFAULT 3,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_delivery_lanes PRIMARY KEY (endpoint_id),
        CONSTRAINT fk_delivery_lanes_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT ck_delivery_lanes_format CHECK (format IN ('generic', 'slack', 'discord', 'text')),
        CONSTRAINT ck_delivery_lanes_mode CHECK (mode IN ('normal', 'held', 'probing', 'recovering')),
        CONSTRAINT ck_delivery_lanes_circuit CHECK (circuit IN ('closed', 'open', 'half-open')),
        CONSTRAINT ck_delivery_lanes_limits CHECK (concurrency > 0 AND rate_per_second > 0)
      )`);
    await queryRunner.query(`CREATE INDEX idx_delivery_lanes_user ON delivery_lanes (user_id)`);
    // No foreign key to the lane: history outlives its endpoint, and its check would lock the lane's row for each alert.
    await queryRunner.query(`
      CREATE TABLE alert_delivery_queue (
        id uuid NOT NULL DEFAULT uuidv7(),
        alert_id uuid,
        endpoint_id uuid NOT NULL,
        message_id text NOT NULL,
        body text NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        step integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz,
        lease_owner uuid,
        correlation_id text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        settled_at timestamptz,
        last_status_code integer,
        last_error_class text,
        last_error text,
        last_latency_ms integer,
        CONSTRAINT pk_alert_delivery_queue PRIMARY KEY (id),
        CONSTRAINT uq_alert_delivery_queue_alert_endpoint UNIQUE (alert_id, endpoint_id),
        CONSTRAINT ck_alert_delivery_queue_status CHECK (status IN ('pending', 'sending', 'delivered', 'dead', 'held', 'cancelled')),
        CONSTRAINT ck_alert_delivery_queue_lease CHECK ((status = 'sending') = (lease_until IS NOT NULL))
      )`);
    // Every delivery leaves two dead rows here (pending, sending). Vacuum at 20 % dead rows would be too late for the
    // claim.
    await queryRunner.query(`
      ALTER TABLE alert_delivery_queue SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)`);
    await queryRunner.query(`CREATE INDEX idx_alert_delivery_queue_endpoint ON alert_delivery_queue (endpoint_id, id)`);
    await queryRunner.query(
      `CREATE INDEX idx_alert_delivery_queue_pending ON alert_delivery_queue (endpoint_id, next_attempt_at, id) WHERE status = 'pending'`,
    );
    await queryRunner.query(
      `CREATE INDEX idx_alert_delivery_queue_sending ON alert_delivery_queue (endpoint_id, lease_until) WHERE status = 'sending'`,
    );
    await queryRunner.query(
      `CREATE INDEX idx_alert_delivery_queue_held ON alert_delivery_queue (endpoint_id, id) WHERE status = 'held'`,
    );
    await queryRunner.query(
      `CREATE INDEX idx_alert_delivery_queue_dead ON alert_delivery_queue (id) WHERE status = 'dead'`,
    );
    // No foreign key either: each insert would lock the delivery that the same statement has just written.
    await queryRunner.query(`
      CREATE TABLE delivery_attempts (
        delivery_id uuid NOT NULL,
        attempt integer NOT NULL,
        at timestamptz NOT NULL,
        outcome text NOT NULL,
        status_code integer,
        error_class text,
        error text,
        latency_ms integer NOT NULL,
        response_body text,
        CONSTRAINT pk_delivery_attempts PRIMARY KEY (delivery_id, attempt),
        CONSTRAINT ck_delivery_attempts_outcome CHECK (outcome IN ('delivered', 'failed', 'gone'))
      )`);
    await queryRunner.query(`
      CREATE TABLE delivery_lane_windows (
        endpoint_id uuid NOT NULL,
        bucket timestamptz NOT NULL,
        delivered integer NOT NULL,
        failed integer NOT NULL,
        CONSTRAINT pk_delivery_lane_windows PRIMARY KEY (endpoint_id, bucket)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['delivery_lane_windows', 'delivery_attempts', 'alert_delivery_queue', 'delivery_lanes'])
      await queryRunner.query(`DROP TABLE ${table}`);
  }
}
