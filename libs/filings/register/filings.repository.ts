import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { AmendmentLink, RegisteredFiling } from '../edgar/filing.js';
import { FILING_COLUMNS, filingOf, type FilingRow } from './filing-row.js';
import type { LinkableFiling } from '../edgar/link-amendment.js';
import type { FilingToWrite } from '../edgar/merge-found.js';

/** Class of advisory locks of this lib: "fili". */
const LOCK_CLASS = 0x6669_6c69;
/**
 * Number of lock buckets. Few enough that a poll of 3,300 filings locks them all without filling the server's lock
 * table.
 */
const LOCKS = 64;

/** The filers of a row that report a holding: see `LinkableFiling`. @param row alias of the table */
const reportersOf = (row: string) =>
  `jsonb_path_query_array(${row}.filers, '$[*] ? (@.role == "reporting" || @.role == "filed by").cik')`;

/** The filers of `excluded` that `t` lacks. `@>` compares filers by CIK and role and ignores the name. */
const NEW_FILERS = `
  SELECT coalesce(jsonb_agg(f ORDER BY n), '[]') FROM jsonb_array_elements(excluded.filers) WITH ORDINALITY AS fresh (f, n)
  WHERE NOT t.filers @> jsonb_build_array(jsonb_build_object('cik', f -> 'cik', 'role', f -> 'role'))`;

/**
 * Under READ COMMITTED, a conflicting row is read again after its writer has committed, so each of 200 concurrent
 * writers adds its filers to those already stored. Unchanged rows are not written.
 */
const UPSERT = `
  INSERT INTO filings AS t (accession, form, base_form, is_amendment, filers, filer_ciks, filed_on, filed_at, report_date, items, link,
    event_id, amendment)
  SELECT r.accession, r.form, r."baseForm", r."isAmendment", r.filers,
    ARRAY(SELECT DISTINCT f ->> 'cik' FROM jsonb_array_elements(r.filers) AS f),
    r."filedOn", r."filedAt", r."reportDate", ARRAY(SELECT jsonb_array_elements_text(r.items)), r.link, r."eventId",
    CASE WHEN r."isAmendment" THEN 'unlinked' ELSE 'original' END
  FROM jsonb_to_recordset($1::jsonb) AS r (accession text, form text, "baseForm" text, "isAmendment" boolean, filers jsonb,
    "filedOn" date, "filedAt" timestamptz, "reportDate" date, items jsonb, link text, "eventId" uuid)
  ORDER BY r.accession
  ON CONFLICT (accession) DO UPDATE SET
    filers = t.filers || (${NEW_FILERS}),
    filer_ciks = ARRAY(SELECT cik FROM unnest(t.filer_ciks) AS cik UNION SELECT f ->> 'cik' FROM jsonb_array_elements(excluded.filers) AS f),
    report_date = coalesce(t.report_date, excluded.report_date),
    items = CASE WHEN cardinality(t.items) = 0 THEN excluded.items ELSE t.items END,
    link = coalesce(t.link, excluded.link),
    updated_at = now()
  WHERE (${NEW_FILERS}) <> '[]'
    OR (t.report_date IS NULL AND excluded.report_date IS NOT NULL)
    OR (t.link IS NULL AND excluded.link IS NOT NULL)
    OR (cardinality(t.items) = 0 AND cardinality(excluded.items) > 0)
  RETURNING ${FILING_COLUMNS}, (xmax = 0) AS "isNew"`;

/** A filing as its row has it. */
export type StoredFiling = Omit<RegisteredFiling, 'tickers'>;

/** An amendment and one candidate for its original (null if there is none). */
export type Pairing = LinkableFiling & { current: AmendmentLink; candidate: LinkableFiling | null };

/**
 * Selects the amendments among the written filings and those that the written filings may concern, each with its
 * candidates: same base form, common filer. Starts from the amendments, because they are few: a poll of 3,300 filings
 * takes 40 ms.
 */
const PAIRINGS = `
  WITH concerned AS MATERIALIZED (
    SELECT a.accession FROM filings a WHERE a.is_amendment AND a.accession = ANY ($1::text[])
    UNION
    SELECT a.accession FROM filings w
    JOIN filings a ON a.is_amendment AND a.base_form = w.base_form AND a.filer_ciks && w.filer_ciks AND a.filed_on >= w.filed_on
    WHERE NOT w.is_amendment AND w.accession = ANY ($1::text[])
      AND (w.report_date IS NULL OR a.report_date IS NULL OR w.report_date = a.report_date))
  SELECT a.accession, a.base_form AS "baseForm", a.is_amendment AS "isAmendment", a.filer_ciks AS "filerCiks",
    ${reportersOf('a')} AS "reporterCiks", a.filed_on AS "filedOn", a.report_date AS "reportDate",
    jsonb_build_object('state', a.amendment, 'amends', a.amends, 'candidates', to_jsonb(a.amends_candidates), 'basis', a.amends_basis) AS current,
    c.candidate
  FROM concerned JOIN filings a USING (accession)
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object('accession', o.accession, 'baseForm', o.base_form, 'isAmendment', false, 'filerCiks', to_jsonb(o.filer_ciks),
      'reporterCiks', ${reportersOf('o')}, 'filedOn', o.filed_on, 'reportDate', o.report_date) AS candidate
    FROM filings o
    WHERE NOT o.is_amendment AND o.base_form = a.base_form AND o.filer_ciks && a.filer_ciks AND o.filed_on <= a.filed_on
      AND (o.report_date = a.report_date
        OR ((o.report_date IS NULL OR a.report_date IS NULL) AND o.filed_on >= a.filed_on - CASE a.base_form WHEN '8-K' THEN 400 ELSE 150 END))
  ) c ON true`;

/** All SQL that writes filings. */
@Injectable()
export class FilingsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Locks the filers until the transaction ends. Without it, an amendment and its original registered at the same time
   * would not see each other. Locks are taken in one order and before any row, so two writers cannot deadlock.
   */
  async lockFilers(ciks: Iterable<string>): Promise<void> {
    const locks = [...new Set([...ciks].map((cik) => Number(cik) % LOCKS))].sort((a, b) => a - b);
    await this.database.run(`SELECT pg_advisory_xact_lock($1, bucket) FROM unnest($2::integer[]) AS bucket`, [
      LOCK_CLASS,
      locks,
    ]);
  }

  /** Inserts filings and writes changed fields. @returns the rows inserted or changed */
  async upsert(filings: readonly FilingToWrite[]): Promise<StoredFiling[]> {
    const rows = await this.database.prepared<FilingRow & { isNew: boolean }>(UPSERT, [JSON.stringify(filings)]);
    return rows.map((row) => ({ ...filingOf(row), isNew: row.isNew }));
  }

  async find(accessions: readonly string[]): Promise<StoredFiling[]> {
    const rows = await this.database.rows<FilingRow>(
      `SELECT ${FILING_COLUMNS} FROM filings t WHERE t.accession = ANY ($1::text[])`,
      [accessions],
    );
    return rows.map((row) => ({ ...filingOf(row), isNew: false }));
  }

  pairings(accessions: readonly string[]): Promise<Pairing[]> {
    return this.database.prepared<Pairing>(PAIRINGS, [accessions]);
  }

  async writeLinks(links: ReadonlyMap<string, AmendmentLink>): Promise<void> {
    if (links.size === 0) return;
    const rows = [...links].map(([accession, { state, amends, candidates, basis }]) => ({
      accession,
      state,
      amends,
      candidates,
      basis,
    }));
    await this.database.run(
      `UPDATE filings t SET amendment = l.state, amends = l.amends, amends_candidates = ARRAY(SELECT jsonb_array_elements_text(l.candidates)),
         amends_basis = l.basis, updated_at = now()
       FROM jsonb_to_recordset($1::jsonb) AS l (accession text, state text, amends text, candidates jsonb, basis text)
       WHERE t.accession = l.accession`,
      [JSON.stringify(rows)],
    );
  }
}
