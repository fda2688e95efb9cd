import type { AmendmentLink } from './filing.js';

/**
 * The facts that decide a link. The accession number is not one: Vulcan's 8-K/A of 2025-12-12 has a number one below
 * its 8-K's.
 */
export interface LinkableFiling {
  accession: string;
  baseForm: string;
  isAmendment: boolean;
  filerCiks: readonly string[];
  /** YYYY-MM-DD. Days, not times: the same 8-K/A was accepted four minutes before its 8-K. */
  filedOn: string;
  reportDate: string | null;
}

/**
 * Maximum age of the original in days, used only without a report date. Item 5.07 may be amended 150 days after the
 * meeting, and no 8-K later.
 */
const NEAR_DAYS = 150;

/** Maximum number of named candidates. One issuer had 400 matching Form 4s; naming twenty of them is enough. */
export const MAX_CANDIDATES = 20;

export const ORIGINAL: AmendmentLink = Object.freeze({
  state: 'original',
  amends: null,
  candidates: [],
  basis: null,
}) as AmendmentLink;
const UNLINKED: AmendmentLink = Object.freeze({
  state: 'unlinked',
  amends: null,
  candidates: [],
  basis: null,
}) as AmendmentLink;

/**
 * Finds the original of `amendment` among `candidates`: same filer, same base form, not filed later, and the same
 * report date if both have one. A candidate with the same report date wins over candidates without one. The result does
 * not depend on the order of the candidates.
 */
export function linkAmendment(amendment: LinkableFiling, candidates: readonly LinkableFiling[]): AmendmentLink {
  if (!amendment.isAmendment) return ORIGINAL;
  const possible = candidates.filter((candidate) => isPossible(amendment, candidate));
  const sameDate = possible.filter(({ reportDate }) => reportDate !== null && reportDate === amendment.reportDate);
  if (sameDate.length > 0) return chosen(sameDate, 'report-date');
  const undated = possible.filter(
    ({ reportDate, filedOn }) =>
      (reportDate === null || amendment.reportDate === null) && isNear(filedOn, amendment.filedOn),
  );
  return undated.length > 0 ? chosen(undated, 'form-and-filer') : UNLINKED;
}

function isPossible(amendment: LinkableFiling, candidate: LinkableFiling): boolean {
  return (
    candidate.accession !== amendment.accession &&
    !candidate.isAmendment &&
    candidate.baseForm === amendment.baseForm &&
    candidate.filedOn <= amendment.filedOn &&
    candidate.filerCiks.some((cik) => amendment.filerCiks.includes(cik))
  );
}

function isNear(earlier: string, later: string): boolean {
  return Date.parse(later) - Date.parse(earlier) <= NEAR_DAYS * 86_400_000;
}

function chosen(fitting: readonly LinkableFiling[], basis: 'report-date' | 'form-and-filer'): AmendmentLink {
  if (fitting.length === 1) return { state: 'linked', amends: fitting[0]!.accession, candidates: [], basis };
  const newestFirst = [...fitting].sort((a, b) => compare(b.filedOn, a.filedOn) || compare(b.accession, a.accession));
  return {
    state: 'ambiguous',
    amends: null,
    candidates: newestFirst.slice(0, MAX_CANDIDATES).map(({ accession }) => accession),
    basis,
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
