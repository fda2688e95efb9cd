import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything that the value of a portfolio is derived from: marks, rates, splits, the desk's moment, and what a snapshot says. */
export class AddValuationInputs1766000500000 implements MigrationInterface {
  readonly name = 'AddValuationInputs1766000500000';
  readonly accepted = {
    'constraint-missing-not-valid':
      'The table has one row for each instrument with a quote, so the scan takes less than a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    // A page that is 40 % full has room for the next versions of its rows, so updates of quotes touch no index (HOT).
    await queryRunner.query(`
      ALTER TABLE quotes
        ADD COLUMN kind                 text NOT NULL DEFAULT 'last',
        ADD COLUMN currency             text,
        ADD COLUMN previous_close_date  date,
        ADD COLUMN previous_close_as_of timestamptz,
        ADD CONSTRAINT ck_quotes_kind CHECK (kind IN ('last', 'mark', 'mid', 'settlement'))`);
    await queryRunner.query(`ALTER TABLE quotes SET (fillfactor = 40)`);
    await queryRunner.query(`UPDATE quotes SET previous_close_as_of = as_of WHERE previous_close IS NOT NULL`);
    await queryRunner.query(`
      CREATE TABLE quote_marks (
        broker         text        NOT NULL,
        instrument_key text        NOT NULL,
        slot           timestamptz NOT NULL,
        price          numeric     NOT NULL,
        currency       text,
        as_of          timestamptz NOT NULL,
        CONSTRAINT pk_quote_marks PRIMARY KEY (broker, instrument_key, slot)
      )`);
    await queryRunner.query(`CREATE INDEX idx_quote_marks_slot ON quote_marks (slot)`);
    await queryRunner.query(`
      CREATE TABLE rates (
        base                 text        NOT NULL,
        quote                text        NOT NULL,
        price                numeric     NOT NULL,
        as_of                timestamptz NOT NULL,
        previous_close       numeric,
        previous_close_as_of timestamptz,
        source               text,
        updated_at           timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_rates PRIMARY KEY (base, quote),
        CONSTRAINT ck_rates_price CHECK (price > 0)
      )`);
    await queryRunner.query(`
      CREATE TABLE position_adjustments (
        broker         text        NOT NULL,
        instrument_key text        NOT NULL,
        ex_date        date        NOT NULL,
        factor         numeric     NOT NULL,
        created_by     uuid        NOT NULL,
        created_at     timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_position_adjustments PRIMARY KEY (broker, instrument_key, ex_date),
        CONSTRAINT ck_position_adjustments_factor CHECK (factor > 0)
      )`);
    await queryRunner.query(`
      CREATE TABLE valuation_moments (
        singleton boolean     NOT NULL DEFAULT true,
        moment    timestamptz NOT NULL,
        CONSTRAINT pk_valuation_moments PRIMARY KEY (singleton),
        CONSTRAINT ck_valuation_moments_singleton CHECK (singleton)
      )`);
    await queryRunner.query(`
      ALTER TABLE portfolio_snapshots
        ADD COLUMN venue         text,
        ADD COLUMN day_roll      jsonb,
        ADD COLUMN cash_balances jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN given_value   numeric,
        ADD COLUMN given_day_pnl numeric,
        ADD COLUMN day_fees      numeric,
        ADD COLUMN closed_at     timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE portfolio_snapshots
        DROP COLUMN venue, DROP COLUMN day_roll, DROP COLUMN cash_balances, DROP COLUMN given_value,
        DROP COLUMN given_day_pnl, DROP COLUMN day_fees, DROP COLUMN closed_at`);
    await queryRunner.query(`DROP TABLE valuation_moments`);
    await queryRunner.query(`DROP TABLE position_adjustments`);
    await queryRunner.query(`DROP TABLE rates`);
    await queryRunner.query(`DROP TABLE quote_marks`);
    await queryRunner.query(`ALTER TABLE quotes RESET (fillfactor)`);
    await queryRunner.query(`
      ALTER TABLE quotes
        DROP CONSTRAINT ck_quotes_kind, DROP COLUMN kind, DROP COLUMN currency, DROP COLUMN previous_close_date,
        DROP COLUMN previous_close_as_of`);
  }
}
