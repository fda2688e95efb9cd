/** Who files, or whom a filing is about. */
export interface Filer {
  /** Ten digits: `0000868278`. Shorter ones are padded. */
  cik: string;
  name: string;
  /** As EDGAR says it, in lower case: `filer`, `issuer`, `subject`..; null where it is not said. */
  role: string | null;
  ticker: string | null;
}

/** A filing as a feed shows it: perhaps one of several entries of one accession number, each with another filer. */
export interface FoundFiling {
  /** `0001493152-25-027399` */
  accession: string;
  /** `8-K`, `8-K/A`, `10-K405/A`.. */
  form: string;
  filers: readonly (Pick<Filer, 'cik' | 'name'> & Partial<Filer>)[];
  /** EDGAR's filing date, YYYY-MM-DD: the next business day's for what is accepted in the evening. */
  filedOn: string;
  /** When EDGAR accepted it (`updated` of its entry). */
  filedAt: Date;
  /** The day of the event or the end of the period, YYYY-MM-DD; the `getcurrent` feed does not say it. */
  reportDate?: string | null;
  /** Items of an 8-K: `5.03`. */
  items?: readonly string[];
  /** The page of the filing's index. */
  link?: string | null;
  /** The event that will tell of it; kept only by whoever registers the filing first. */
  eventId?: string | null;
}

/**
 * `original`: amends nothing. `linked`: amends exactly one known filing. `ambiguous`: several fit, and it is not said
 * which. `unlinked`: none is known; looked for again when one arrives.
 */
export type AmendmentState = 'original' | 'linked' | 'ambiguous' | 'unlinked';

/** What an amendment amends. */
export interface AmendmentLink {
  state: AmendmentState;
  /** The one it amends, if `linked`. */
  amends: string | null;
  /** All that fit, if `ambiguous`. */
  candidates: string[];
  /** What decided: the same report date, or (no date known) only filer, form and nearness. Null where nothing was found. */
  basis: 'report-date' | 'form-and-filer' | null;
}

/** A filing as it stands after register(). */
export interface RegisteredFiling extends AmendmentLink {
  accession: string;
  /** Nobody had registered this accession number before. */
  isNew: boolean;
  form: string;
  /** The form without `/A`. */
  baseForm: string;
  isAmendment: boolean;
  /** All known so far. */
  filers: Filer[];
  filedOn: string;
  filedAt: Date;
  reportDate: string | null;
  items: string[];
  link: string | null;
  eventId: string | null;
}
