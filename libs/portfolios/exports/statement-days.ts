import { momentIn } from '#time';
import type { ExportReading } from './export-reading.js';

/** Statements of Interactive Brokers are made in New York. Its days end there at midnight. */
export const STATEMENT_ZONE = 'America/New_York';

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** A day as statements write it: `20261124`, `2026-11-24`, `11/24/26`, `November 24, 2026`. YYYY-MM-DD. */
export function statementDay(text: string): string | undefined {
  const written = text.trim().split(/[;,T ]/)[0]!;
  const compact = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(written);
  if (compact !== null) return dayOf(compact[1]!, compact[2]!, compact[3]!);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})$/.exec(written);
  if (american !== null) return dayOf(american[3]!.padStart(4, '20'), american[1]!, american[2]!);
  const named = /^([A-Za-z]+) (\d{1,2}), (\d{4})$/.exec(text.trim());
  const month = named === null ? -1 : MONTHS.indexOf(named[1]!.toLowerCase());
  return month < 0 ? undefined : dayOf(named![3]!, String(month + 1), named![2]!);
}

function dayOf(year: string, month: string, day: string): string | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : undefined;
}

/**
 * When a statement of a day is of: the end of that day, or now if the day has not ended. Its prices and its P&L are those of
 * the day, however late it was made.
 */
export function endOfStatement(day: string, now: string): Pick<ExportReading, 'asOf' | 'dayRoll'> {
  const end = momentIn(STATEMENT_ZONE, day, '23:59:59')!.toISOString();
  return { asOf: end < now ? end : now, dayRoll: { timeZone: STATEMENT_ZONE, at: '00:00' } };
}
