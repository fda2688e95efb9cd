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
  /** Filers whose ownership is reported, or who report it for others: EDGAR's roles `reporting` and `filed by`. */
  reporterCiks: readonly string[];
  /** YYYY-MM-DD. Days, not times: the same 8-K/A was accepted four minutes before its 8-K. */
  filedOn: string;
  reportDate: string | null;
}

/** Forms in which a person reports a holding in an issuer. One issuer has hundreds of them, also with the same report date. */
const OWNERSHIP = new Set(['3', '4', '5', '144', 'SCHEDULE 13D', 'SCHEDULE 13G']);

/** Maximum age of the original in days, used only without a report date. */
const NEAR_DAYS = 150;
/** An 8-K/A may come a year after its 8-K, and some weeks later. So old an 8-K is named, and not linked. */
const FAR_DAYS = 400;
const FAR_FORM = '8-K';

/** Maximum number of named candidates. One issuer had 400 matching Form 4s; naming twenty of them is enough. */
export const MAX_CANDIDATES = 20;

type Basis = NonNullable<AmendmentLink['basis']>;
type Fitting = readonly LinkableFiling[];

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
 * report date if both have one. An ownership form needs the same reporting person and the same issuer, too. A candidate with the
 * same report date wins over candidates without one. What is only possible is ambiguous: an 8-K of a year ago, and an ownership
 * form whose reporting person is not known yet. The result does not depend on the order of the candidates.
 */
export function linkAmendment(amendment: LinkableFiling, candidates: readonly LinkableFiling[]): AmendmentLink {
  if (!amendment.isAmendment) return ORIGINAL;
  const possible = candidates.filter((candidate) => isPossible(amendment, candidate));
  const sameDate = possible.filter(({ reportDate }) => reportDate !== null && reportDate === amendment.reportDate);
  if (sameDate.length > 0) return chosen(amendment, sameDate, 'report-date');
  const undated = possible.filter(({ reportDate }) => reportDate === null || amendment.reportDate === null);
  const near = undated.filter(({ filedOn }) => isWithin(NEAR_DAYS, filedOn, amendment.filedOn));
  if (near.length > 0) return chosen(amendment, near, 'form-and-filer');
  const far =
    amendment.baseForm === FAR_FORM
      ? undated.filter(({ filedOn }) => isWithin(FAR_DAYS, filedOn, amendment.filedOn))
      : [];
  return far.length > 0 ? ambiguous(far, 'form-and-filer') : UNLINKED;
}

function isPossible(amendment: LinkableFiling, candidate: LinkableFiling): boolean {
  return (
    candidate.accession !== amendment.accession &&
    !candidate.isAmendment &&
    candidate.baseForm === amendment.baseForm &&
    candidate.filedOn <= amendment.filedOn &&
    candidate.filerCiks.some((cik) => amendment.filerCiks.includes(cik)) &&
    sameHolding(amendment, candidate) !== false
  );
}

/** Whether two ownership forms are about the same holding. Undefined while one of them lacks its reporting person or its issuer. */
function sameHolding(a: LinkableFiling, b: LinkableFiling): boolean | undefined {
  if (!OWNERSHIP.has(a.baseForm)) return true;
  const persons = sameOf(a.reporterCiks, b.reporterCiks);
  const issuers = sameOf(issuersOf(a), issuersOf(b));
  return persons === false || issuers === false ? false : persons && issuers;
}

function issuersOf({ filerCiks, reporterCiks }: LinkableFiling): string[] {
  return filerCiks.filter((cik) => !reporterCiks.includes(cik));
}

function sameOf(a: readonly string[], b: readonly string[]): boolean | undefined {
  return a.length === 0 || b.length === 0 ? undefined : a.some((cik) => b.includes(cik));
}

function isWithin(days: number, earlier: string, later: string): boolean {
  return Date.parse(later) - Date.parse(earlier) <= days * 86_400_000;
}

function chosen(amendment: LinkableFiling, fitting: Fitting, basis: Basis): AmendmentLink {
  const certain = fitting.filter((candidate) => sameHolding(amendment, candidate) === true);
  if (certain.length === 1) return { state: 'linked', amends: certain[0]!.accession, candidates: [], basis };
  return ambiguous(certain.length > 0 ? certain : fitting, basis);
}

function ambiguous(fitting: Fitting, basis: Basis): AmendmentLink {
  const newestFirst = [...fitting].sort((a, b) => compare(b.filedOn, a.filedOn) || compare(b.accession, a.accession));
  return {
    state: 'ambiguous',
    amends: null,
    candidates: newestFirst.slice(0, MAX_CANDIDATES).map(({ accession }) => accession),
    basis,
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
