import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The value of a portfolio is derived at each read: it is no column any more. Points keep what was known, and null what was not. */
export class DerivePortfolioValues1766000600000 implements MigrationInterface {
  readonly name = 'DerivePortfolioValues1766000600000';
  readonly accepted = {
    'ban-drop-column': 'The values are derived when they are read. `down` computes them again.',
    'ban-drop-not-null': 'Points of the history are null where a part of the value is not known.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE portfolio_snapshots DROP COLUMN value, DROP COLUMN day_pnl, DROP COLUMN marked_at`,
    );
    await queryRunner.query(
      `ALTER TABLE portfolio_history ALTER COLUMN value DROP NOT NULL, ALTER COLUMN day_pnl DROP NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM portfolio_history WHERE value IS NULL`);
    await queryRunner.query(`UPDATE portfolio_history SET day_pnl = 0 WHERE day_pnl IS NULL`);
    await queryRunner.query(
      `ALTER TABLE portfolio_history ALTER COLUMN value SET NOT NULL, ALTER COLUMN day_pnl SET NOT NULL`,
    );
    await queryRunner.query(`
      ALTER TABLE portfolio_snapshots
        ADD COLUMN value numeric NOT NULL DEFAULT 0, ADD COLUMN day_pnl numeric NOT NULL DEFAULT 0, ADD COLUMN marked_at timestamptz`);
    await queryRunner.query(`
      UPDATE portfolio_snapshots s SET value = s.cash + w.value, day_pnl = w.day_pnl
        FROM portfolio_snapshots o CROSS JOIN LATERAL (
          SELECT coalesce(sum(p.quantity * p."lastPrice" * coalesce(p.multiplier, 1)), 0) AS value,
                 coalesce(sum(p.quantity * (p."lastPrice" - p."previousClose") * coalesce(p.multiplier, 1)), 0) AS day_pnl
            FROM jsonb_to_recordset(o.positions) AS p(quantity numeric, "lastPrice" numeric, "previousClose" numeric, multiplier numeric)) AS w
       WHERE o.portfolio_id = s.portfolio_id`);
    await queryRunner.query(
      `ALTER TABLE portfolio_snapshots ALTER COLUMN value DROP DEFAULT, ALTER COLUMN day_pnl DROP DEFAULT`,
    );
  }
}
