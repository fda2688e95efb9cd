import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tickers of filers, with their history. An ambiguous amendment may name one filing, if that one is only possible. Forms are
 * compared by their present names: SC 13D and SC 13G are SCHEDULE 13D and SCHEDULE 13G.
 */
export class AddFilerTickers1766006000000 implements MigrationInterface {
  readonly name = 'AddFilerTickers1766006000000';
  readonly accepted = {
    'constraint-missing-not-valid': 'A desk has some 400,000 filings a year, whose check takes less than a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE filer_tickers (
        cik    text        NOT NULL,
        ticker text        NOT NULL,
        since  timestamptz NOT NULL,
        until  timestamptz,
        name   text        NOT NULL,
        place  integer     NOT NULL,
        CONSTRAINT pk_filer_tickers PRIMARY KEY (cik, ticker, since)
      )`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX uq_filer_tickers_current ON filer_tickers (cik, ticker) WHERE until IS NULL`,
    );
    await queryRunner.query(`CREATE INDEX idx_filer_tickers_ticker ON filer_tickers (ticker)`);
    await queryRunner.query(`
      CREATE TABLE filer_ticker_sources (
        source    text        NOT NULL,
        loaded_at timestamptz NOT NULL,
        tickers   integer     NOT NULL,
        added     integer     NOT NULL,
        ended     integer     NOT NULL,
        skipped   integer     NOT NULL,
        CONSTRAINT pk_filer_ticker_sources PRIMARY KEY (source)
      )`);
    await queryRunner.query(`
      ALTER TABLE filings
        DROP CONSTRAINT ck_filings_amends,
        ADD CONSTRAINT ck_filings_amends CHECK (
          (amendment = 'linked') = (amends IS NOT NULL) AND (amendment = 'ambiguous') = (cardinality(amends_candidates) > 0)
          AND is_amendment = (amendment <> 'original')
        )`);
    await queryRunner.query(
      `UPDATE filings SET base_form = replace(base_form, 'SC ', 'SCHEDULE ') WHERE base_form IN ('SC 13D', 'SC 13G')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE filings SET base_form = regexp_replace(form, '/A$', '') WHERE base_form IN ('SCHEDULE 13D', 'SCHEDULE 13G')`,
    );
    await queryRunner.query(
      `UPDATE filings SET amendment = 'unlinked', amends_candidates = '{}', amends_basis = NULL WHERE cardinality(amends_candidates) = 1`,
    );
    await queryRunner.query(`
      ALTER TABLE filings
        DROP CONSTRAINT ck_filings_amends,
        ADD CONSTRAINT ck_filings_amends CHECK (
          (amendment = 'linked') = (amends IS NOT NULL) AND (amendment = 'ambiguous') = (cardinality(amends_candidates) > 1)
          AND is_amendment = (amendment <> 'original')
        )`);
    await queryRunner.query(`DROP TABLE filer_ticker_sources`);
    await queryRunner.query(`DROP TABLE filer_tickers`);
  }
}
