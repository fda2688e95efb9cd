import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Series of contracts for the search by underlying and expiry, and an index of codes (ISIN, exchange token) for those that
 * have no expiry. Indexes over all contracts would slow every import down.
 */
export class CreateInstrumentSeries1766003000000 implements MigrationInterface {
  readonly name = 'CreateInstrumentSeries1766003000000';
  readonly accepted = {
    'require-concurrent-index-creation':
      'The index has the contracts without expiry only, some 20,000 of a broker: less than a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE instrument_series (
        underlying text COLLATE "C" NOT NULL,
        broker text NOT NULL,
        exchange text NOT NULL,
        expiry date NOT NULL,
        first_symbol text COLLATE "C" NOT NULL,
        last_symbol text COLLATE "C" NOT NULL,
        lowest_strike numeric,
        highest_strike numeric,
        CONSTRAINT pk_instrument_series PRIMARY KEY (underlying, broker, exchange, expiry)
      )`);
    await queryRunner.query(`
      INSERT INTO instrument_series
      SELECT underlying, broker, exchange, expiry, min(symbol), max(symbol), min(nullif(strike, 0)), max(nullif(strike, 0))
      FROM (
        SELECT i.broker, i.exchange, i.expiry, i.strike, upper(i.tradingsymbol COLLATE "C") AS symbol,
          coalesce(upper(nullif(i.attributes->>'underlying', '') COLLATE "C"),
            CASE WHEN i.name <> '' AND starts_with(upper(i.tradingsymbol COLLATE "C"), upper(i.name COLLATE "C")) THEN upper(i.name COLLATE "C")
                 ELSE coalesce(nullif(rtrim(split_part(split_part(translate(upper(i.tradingsymbol COLLATE "C"), '123456789', '000000000'), '0', 1), ' FUT', 1), ' -_:'), ''),
                               nullif(upper(i.name COLLATE "C"), ''), upper(i.tradingsymbol COLLATE "C")) END) AS underlying
        FROM instruments i WHERE i.expiry IS NOT NULL
      ) i GROUP BY underlying, broker, exchange, expiry`);
    await queryRunner.query(`
      CREATE INDEX idx_instruments_codes ON instruments USING gin ((ARRAY[
        attributes->>'isin', attributes->>'ISIN', attributes->>'exchange_token', attributes->>'exchangeToken', attributes->>'token',
        attributes->>'Token', attributes->>'security_id', attributes->>'scripcode', attributes->>'ScripCode', attributes->>'figi'
      ])) WHERE expiry IS NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX idx_instruments_codes`);
    await queryRunner.query(`DROP TABLE instrument_series`);
  }
}
