import type { AmendmentState, Filer, RegisteredFiling } from '../edgar/filing.js';

/** A row of `filings` with the columns below. */
export interface FilingRow {
  accession: string;
  form: string;
  baseForm: string;
  isAmendment: boolean;
  filers: Filer[];
  filedOn: string;
  filedAt: Date;
  reportDate: string | null;
  items: string[];
  link: string | null;
  eventId: string | null;
  state: AmendmentState;
  amends: string | null;
  candidates: string[];
  basis: RegisteredFiling['basis'];
}

/** Columns of a table with the alias `t`. */
export const FILING_COLUMNS = `t.accession, t.form, t.base_form AS "baseForm", t.is_amendment AS "isAmendment", t.filers, t.filed_on AS "filedOn",
  t.filed_at AS "filedAt", t.report_date AS "reportDate", t.items, t.link, t.event_id AS "eventId", t.amendment AS state, t.amends,
  t.amends_candidates AS candidates, t.amends_basis AS basis`;

export function filingOf(row: FilingRow): Omit<RegisteredFiling, 'isNew' | 'tickers'> {
  const { accession, form, baseForm, isAmendment, filers, filedOn, filedAt, reportDate, items, link, eventId } = row;
  const { state, amends, candidates, basis } = row;
  return {
    accession,
    form,
    baseForm,
    isAmendment,
    filers,
    filedOn,
    filedAt,
    reportDate,
    items,
    link,
    eventId,
    state,
    amends,
    candidates,
    basis,
  };
}
