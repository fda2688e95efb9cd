import type { DomainError } from '#errors';
import { implausibleDates, keysReassigned, tooManyQuarantined, unitsChanged } from '../import.errors.js';
import type { InstrumentsConfig } from '../instruments.config.js';
import { allQuarantined, tooManyDelisted } from '../instruments.errors.js';
import type { Gone } from './import-merge.repository.js';
import type { FileDates } from './import-review.repository.js';

/** What the guards know of the rows of a file. */
interface ReadRows {
  rows: number;
  good: number;
  quarantined: number;
  issues: readonly { line: number; reason: string; severity: 'quarantined' | 'warning' }[];
}

type Shares = Pick<
  InstrumentsConfig,
  'quarantinePercent' | 'delistPercent' | 'replacePercent' | 'scalePercent' | 'judgedRows' | 'soonDays'
>;

/** A file without a usable row. It is refused even if forced. */
export function refusalOfNoRows(read: ReadRows): DomainError | undefined {
  if (read.good > 0) return undefined;
  const first = firstQuarantined(read);
  return allQuarantined(read.rows, first?.line ?? 0, first?.reason ?? 'no reason');
}

/** A file that the mapping does not fit: most of its rows would be missing. */
export function refusalOfRows(read: ReadRows, { quarantinePercent }: Shares): DomainError | undefined {
  if (read.quarantined * 100 <= read.rows * quarantinePercent) return undefined;
  return tooManyQuarantined(read.quarantined, read.rows, quarantinePercent, firstQuarantined(read));
}

/**
 * A file whose dates are wrong: an epoch, a unit or a century. Exchanges list the next expiries first, so a master in which
 * none expires soon is old, or read wrongly (Kotak's epoch of 1980 gives dates of ten years ago).
 */
export function refusalOfDates(
  dates: FileDates,
  today: string,
  { judgedRows, soonDays }: Shares,
): DomainError | undefined {
  const { soon, dated, first, last } = dates;
  if (soon || dated < judgedRows || first === null || last === null) return undefined;
  return implausibleDates({ dated, first, last }, today, soonDays);
}

/** A file in which most keys belong to other contracts: its key columns are wrong, or the broker has assigned new keys. */
export function refusalOfKeys(early: number, rows: number, { replacePercent }: Shares): DomainError | undefined {
  return early * 100 > rows * replacePercent ? keysReassigned(early, rows, replacePercent) : undefined;
}

/**
 * A file in another unit than the one before: Upstox has ticks in rupees in its CSV and in paise in its JSON.
 * @param known contracts of the file that were listed before
 */
export function refusalOfUnits(
  scaled: number,
  known: number,
  { judgedRows, scalePercent }: Shares,
): DomainError | undefined {
  if (known < judgedRows || scaled * 100 <= known * scalePercent) return undefined;
  return unitsChanged(scaled, known, scalePercent);
}

/** A file that lacks many contracts. Those past their expiry do not count: after a monthly expiry 40 % leave. */
export function refusalOfDelisting(
  { gone, expired, listed }: Gone,
  { delistPercent }: Shares,
): DomainError | undefined {
  const missing = gone - expired;
  return missing * 100 > listed * delistPercent ? tooManyDelisted(missing, listed, expired, delistPercent) : undefined;
}

function firstQuarantined({ issues }: ReadRows): { line: number; reason: string } | undefined {
  return issues.find((issue) => issue.severity === 'quarantined');
}
