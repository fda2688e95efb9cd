import { beside } from '#panels';
import type { PortfolioSummary } from '../portfolio.dto.js';
import type { KeptWorth } from '../portfolio-worth.js';
import type { RateTable } from '../valuation/rate-table.js';
import type { Holders } from './holders.js';
import type { PortfolioSize } from './kept-portfolios.js';

/** All open portfolios at one snapshot of the database, valued. Immutable; what did not change is shared with the book before. */
export interface PortfolioBook {
  readonly summaries: ReadonlyMap<string, PortfolioSummary>;
  /** Those whose positions stay in memory; the others are read again when one of their quotes changes. */
  readonly kept: ReadonlyMap<string, KeptWorth>;
  /** Owner -> portfolios. */
  readonly sizes: ReadonlyMap<string, readonly PortfolioSize[]>;
  /** Contracts that each owner may keep. */
  readonly share: number;
  /** Owner -> number of contracts in portfolios that are not kept, if any. */
  readonly others: ReadonlyMap<string, number>;
  /** Who holds what, of the kept portfolios. */
  readonly holders: Holders;
  /** The same of the others. It is kept too: PostgreSQL would compare each contract of a tick with all portfolios. */
  readonly otherHolders: Holders;
  readonly rates: RateTable;
  /** The desk's moment, ms since 1970. */
  readonly moment: number;
  /** The calendars that it was valued by: another object after a day was corrected. */
  readonly calendars: object;
}

/** Beside the books, because it is no part of what a book says. */
const steps = beside<PortfolioBook, { since: object; ids: ReadonlySet<string> }>();
const standIns = beside<object, object>();

/** An empty object that stands for another one, to note what something was made from without keeping that. */
export function standInOf(object: object): object {
  let standIn = standIns.get(object);
  if (standIn === undefined) standIns.set(object, (standIn = {}));
  return standIn;
}

/** Notes which portfolios differ between a book and the one it was made from, gone ones included. */
export function changedFrom(before: PortfolioBook, after: PortfolioBook, ids: ReadonlySet<string>): PortfolioBook {
  steps.set(after, { since: standInOf(before), ids });
  return after;
}

/** The portfolios that differ between two books, gone ones included; undefined if any may. */
export function changedBetween(
  before: PortfolioBook | undefined,
  after: PortfolioBook,
): ReadonlySet<string> | undefined {
  const step = steps.get(after);
  return step !== undefined && before !== undefined && step.since === standInOf(before) ? step.ids : undefined;
}
