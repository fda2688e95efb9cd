import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * levenshtein() ranks names and symbols that resemble a query. Trigrams find them, and judge two swapped letters wrongly: to
 * RELAINCE, RELAXO is nearer by trigrams, and RELIANCE by changed letters. PostgreSQL brings the extension, as it does pg_trgm.
 */
export class MeasureTypingErrors1766007000000 implements MigrationInterface {
  name = 'MeasureTypingErrors1766007000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE EXTENSION IF NOT EXISTS fuzzystrmatch`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP EXTENSION IF EXISTS fuzzystrmatch`);
  }
}
