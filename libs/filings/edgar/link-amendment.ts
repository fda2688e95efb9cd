import type { AmendmentLink } from './filing.js';

/** What decides a link. Not the accession number: Vulcan's 8-K/A of 2025-12-12 has a number one below its 8-K's. */
export interface LinkableFiling {
  accession: string;
  baseForm: string;
  isAmendment: boolean;
  filerCiks: readonly string[];
  /** YYYY-MM-DD. Days, not times: that 8-K/A was also accepted four minutes before its 8-K. */
  filedOn: string;
  reportDate: string | null;
}

/** Item 5.07 may be amended 150 days after the meeting; no 8-K may later. Used only where no report date is known. */
const NEAR_DAYS = 150;

/** Of 400 Form 4s of one issuer that all fit, naming twenty says as much. */
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
 * What `amendment` amends, of `candidates`: a filing of the same filer and base form, not filed on a later day, and of
 * the same report date where both say one. A candidate with the same report date beats those that say none. Says the
 * same for every order of the candidates.
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
