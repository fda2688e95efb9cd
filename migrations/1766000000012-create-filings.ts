import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Filings: one row an accession number. Their summaries: one row for each question (which filing, which prompt, which
 * model), which is its own queue. Calls to the model and months of budget are kept apart from both: money spent stays
 * spent when a summary goes stale. Money is whole millionths of a dollar.
 */
export class CreateFilings1766000000012 implements MigrationInterface {
  readonly name = 'CreateFilings1766000000012';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE filings (
        accession         text        NOT NULL,
        form              text        NOT NULL,
        base_form         text        NOT NULL,
        is_amendment      boolean     NOT NULL,
        filers            jsonb       NOT NULL,
        filer_ciks        text[]      NOT NULL,
        filed_on          date        NOT NULL,
        filed_at          timestamptz NOT NULL,
        report_date       date,
        items             text[]      NOT NULL DEFAULT '{}',
        link              text,
        amendment         text        NOT NULL DEFAULT 'original',
        amends            text,
        amends_candidates text[]      NOT NULL DEFAULT '{}',
        amends_basis      text,
        event_id          uuid,
        created_at        timestamptz NOT NULL DEFAULT now(),
        updated_at        timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_filings PRIMARY KEY (accession),
        CONSTRAINT fk_filings_amends FOREIGN KEY (amends) REFERENCES filings (accession),
        CONSTRAINT ck_filings_accession CHECK (accession ~ '^[0-9]{10}-[0-9]{2}-[0-9]{6}$'),
        CONSTRAINT ck_filings_amendment CHECK (amendment IN ('original', 'linked', 'ambiguous', 'unlinked')),
        CONSTRAINT ck_filings_amends CHECK (
          (amendment = 'linked') = (amends IS NOT NULL) AND (amendment = 'ambiguous') = (cardinality(amends_candidates) > 1)
          AND is_amendment = (amendment <> 'original')
        ),
        CONSTRAINT ck_filings_amends_basis CHECK (amends_basis IN ('report-date', 'form-and-filer'))
      )`);
    await queryRunner.query(`CREATE INDEX idx_filings_filed ON filings (filed_at DESC, accession DESC)`);
    await queryRunner.query(
      `CREATE INDEX idx_filings_form_filed ON filings (base_form, filed_at DESC, accession DESC)`,
    );
    await queryRunner.query(`CREATE INDEX idx_filings_ciks ON filings USING gin (filer_ciks)`);
    await queryRunner.query(`CREATE INDEX idx_filings_filers ON filings USING gin (filers jsonb_path_ops)`);
    // Whom does an original that arrives late concern? Amendments are one filing in forty.
    await queryRunner.query(
      `CREATE INDEX idx_filings_amendment_ciks ON filings USING gin (filer_ciks) WHERE is_amendment`,
    );
    await queryRunner.query(`CREATE INDEX idx_filings_amends ON filings (amends) WHERE amends IS NOT NULL`);
    await queryRunner.query(
      `CREATE INDEX idx_filings_amends_candidates ON filings USING gin (amends_candidates) WHERE amendment = 'ambiguous'`,
    );
    await queryRunner.query(`
      CREATE TABLE filing_summaries (
        accession       text        NOT NULL,
        prompt_version  text        NOT NULL,
        model           text        NOT NULL,
        provider        text        NOT NULL,
        state           text        NOT NULL,
        generation      integer     NOT NULL DEFAULT 1,
        attempts        integer     NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        lease_owner     uuid,
        lease_until     timestamptz,
        summary         text,
        truncated       boolean     NOT NULL DEFAULT false,
        tokens_in       integer,
        tokens_out      integer,
        cost_micros     bigint,
        reason          text,
        invalidated_by  text,
        made_at         timestamptz,
        created_at      timestamptz NOT NULL DEFAULT now(),
        updated_at      timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_filing_summaries PRIMARY KEY (accession, prompt_version, model),
        CONSTRAINT fk_filing_summaries_filing FOREIGN KEY (accession) REFERENCES filings (accession) ON DELETE CASCADE,
        CONSTRAINT ck_filing_summaries_state CHECK (state IN ('queued', 'calling', 'done', 'failed', 'refused', 'over-budget')),
        CONSTRAINT ck_filing_summaries_done CHECK ((state = 'done') = (summary IS NOT NULL)),
        CONSTRAINT ck_filing_summaries_lease CHECK ((state = 'calling') = (lease_owner IS NOT NULL) AND (lease_owner IS NULL) = (lease_until IS NULL))
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_filing_summaries_queue ON filing_summaries (next_attempt_at) WHERE state IN ('queued', 'calling')`,
    );
    await queryRunner.query(`
      CREATE TABLE filing_summary_calls (
        id              uuid        NOT NULL DEFAULT uuidv7(),
        accession       text        NOT NULL,
        prompt_version  text        NOT NULL,
        model           text        NOT NULL,
        provider        text        NOT NULL,
        month           date        NOT NULL,
        outcome         text        NOT NULL,
        reserved_micros bigint      NOT NULL,
        counted_micros  bigint,
        cost_micros     bigint,
        tokens_in       integer,
        tokens_out      integer,
        reason          text,
        started_at      timestamptz NOT NULL DEFAULT now(),
        settled_at      timestamptz,
        CONSTRAINT pk_filing_summary_calls PRIMARY KEY (id),
        CONSTRAINT ck_filing_summary_calls_outcome CHECK (outcome IN ('open', 'done', 'failed', 'refused', 'discarded', 'abandoned')),
        CONSTRAINT ck_filing_summary_calls_settled CHECK ((outcome = 'open') = (settled_at IS NULL) AND (outcome = 'open') = (counted_micros IS NULL))
      )`);
    await queryRunner.query(
      `CREATE INDEX idx_filing_summary_calls_open ON filing_summary_calls (accession) WHERE outcome = 'open'`,
    );
    await queryRunner.query(`CREATE INDEX idx_filing_summary_calls_month ON filing_summary_calls (month, model)`);
    await queryRunner.query(`
      CREATE TABLE filing_budget_months (
        month           date        NOT NULL,
        reserved_micros bigint      NOT NULL DEFAULT 0,
        spent_micros    bigint      NOT NULL DEFAULT 0,
        hits            bigint      NOT NULL DEFAULT 0,
        misses          bigint      NOT NULL DEFAULT 0,
        shared          bigint      NOT NULL DEFAULT 0,
        refused         bigint      NOT NULL DEFAULT 0,
        exhausted_at    timestamptz,
        CONSTRAINT pk_filing_budget_months PRIMARY KEY (month),
        CONSTRAINT ck_filing_budget_months_amounts CHECK (reserved_micros >= 0 AND spent_micros >= 0)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE filing_budget_months`);
    await queryRunner.query(`DROP TABLE filing_summary_calls`);
    await queryRunner.query(`DROP TABLE filing_summaries`);
    await queryRunner.query(`DROP TABLE filings`);
  }
}
