/** A company or person that files, or that a filing concerns. */
export interface Filer {
  /** Ten digits: `0000868278`. Shorter values are padded. */
  cik: string;
  name: string;
  /** EDGAR's role in lower case: `filer`, `issuer`, `subject`. Null if EDGAR gives none. */
  role: string | null;
  /** Its main ticker when the filing was registered. */
  ticker: string | null;
}

/** A filing as found in a feed. One accession number may have several entries, each with another filer. */
export interface FoundFiling {
  /** `0001493152-25-027399` */
  accession: string;
  /** `8-K`, `8-K/A`, `10-K405/A`.. */
  form: string;
  filers: readonly (Pick<Filer, 'cik' | 'name'> & Partial<Filer>)[];
  /** EDGAR's filing date, YYYY-MM-DD. A filing accepted in the evening has the next business day. */
  filedOn: string;
  /** Time of acceptance by EDGAR (`updated` of its entry). */
  filedAt: Date;
  /** Day of the event or end of the period, YYYY-MM-DD. The `getcurrent` feed does not contain it. */
  reportDate?: string | null;
  /** Items of an 8-K: `5.03`. */
  items?: readonly string[];
  /** URL of the filing's index page. */
  link?: string | null;
  /** Event that reports the filing. Stored only by the first registration of the accession number. */
  eventId?: string | null;
  /** Its feed held it before the feed was added. It gets no summary, which would cost money for old news. */
  heldBefore?: boolean;
}

/**
 * `original`: amends nothing. `linked`: amends exactly one known filing. `ambiguous`: several filings match, or one that is
 * only possible. `unlinked`: no filing matches yet; the link is sought again when a matching original arrives.
 */
export type AmendmentState = 'original' | 'linked' | 'ambiguous' | 'unlinked';

/** Link from an amendment to its original. */
export interface AmendmentLink {
  state: AmendmentState;
  /** Accession number of the original, if `linked`. */
  amends: string | null;
  /** Accession numbers of all matches, if `ambiguous`. */
  candidates: string[];
  /**
   * Basis of the match: the same report date, or (without a report date) filer, form and distance in time. Null without
   * a match.
   */
  basis: 'report-date' | 'form-and-filer' | null;
}

/** A filing as stored after register(). */
export interface RegisteredFiling extends AmendmentLink {
  accession: string;
  /** True if this accession number was not registered before. */
  isNew: boolean;
  form: string;
  /** Form without `/A`. */
  baseForm: string;
  isAmendment: boolean;
  /** All filers known so far. */
  filers: Filer[];
  /** All tickers of its filers, the main one of each filer first. */
  tickers: string[];
  filedOn: string;
  filedAt: Date;
  reportDate: string | null;
  items: string[];
  link: string | null;
  eventId: string | null;
}

/** The tickers that filings carry for their filers, and those that the filers are known to have, each once. */
export function allTickers(filers: readonly Filer[], known: readonly string[]): string[] {
  return [...new Set([...known, ...filers.flatMap(({ ticker }) => (ticker === null ? [] : [ticker]))])];
}
