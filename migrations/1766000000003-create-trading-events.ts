import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Partitioned by month on the id itself: an event's id begins with its time, so the primary key is unique over all
 * partitions. With (id, occurred_at) as the key, the same event could be recorded once per month. The partitions around
 * the current month are created here; the events lib creates later ones in advance. Rows without a partition go to the
 * default partition.
 */
export class CreateTradingEvents1766000000003 implements MigrationInterface {
  name = 'CreateTradingEvents1766000000003';
  readonly accepted = {
    'hidden-statement': 'It creates partitions of a table that the migration itself creates, named by the month.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE trading_events (
        id uuid NOT NULL,
        type text NOT NULL,
        version integer NOT NULL,
        broker text,
        user_id uuid,
        instrument_id uuid,
        correlation_id text,
        causation_id uuid,
        payload jsonb NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_trading_events PRIMARY KEY (id)
      ) PARTITION BY RANGE (id)`);
    await queryRunner.query(`CREATE INDEX idx_trading_events_correlation ON trading_events (correlation_id, id)`);
    await queryRunner.query(`CREATE INDEX idx_trading_events_type ON trading_events (type, id)`);
    await queryRunner.query(`CREATE INDEX idx_trading_events_user ON trading_events (user_id, id)`);
    await queryRunner.query(`CREATE TABLE trading_events_default PARTITION OF trading_events DEFAULT`);
    await queryRunner.query(`
      DO $$
      DECLARE
        first timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
        month timestamp;
      BEGIN
        FOR month IN SELECT first + step * interval '1 month' FROM generate_series(-1, 3) AS step LOOP
          EXECUTE format('CREATE TABLE %I PARTITION OF trading_events FOR VALUES FROM (%L) TO (%L)',
            'trading_events_' || to_char(month, 'YYYY_MM'),
            rpad(lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
            rpad(lpad(to_hex((extract(epoch FROM month + interval '1 month') * 1000)::bigint), 12, '0'), 32, '0')::uuid);
        END LOOP;
      END $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE trading_events`);
  }
}
