import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The number of positions of a portfolio, so that those of a user are counted without reading them. */
export class CountPortfolioPositions1766000700000 implements MigrationInterface {
  readonly name = 'CountPortfolioPositions1766000700000';
  readonly accepted = {
    'adding-not-nullable-field': 'The table has one row for each portfolio, so the scan takes less than a second.',
    'update-every-row': 'The table has one row for each portfolio, and every row needs its count.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE portfolio_snapshots ADD COLUMN position_count integer`);
    await queryRunner.query(`UPDATE portfolio_snapshots SET position_count = jsonb_array_length(positions)`);
    await queryRunner.query(`ALTER TABLE portfolio_snapshots ALTER COLUMN position_count SET NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE portfolio_snapshots DROP COLUMN position_count`);
  }
}
