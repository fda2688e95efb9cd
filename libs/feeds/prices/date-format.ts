import { dateFormatProblem, dateFormatReader } from '#time';

/** Formats whose readers are kept. Each feed has one, and they repeat. */
const MOST_KEPT = 100;

/** A day and a time as clocks of a zone show them. */
export interface LocalMoment {
  /** YYYY-MM-DD. */
  day: string;
  /** HH:MM:SS; null for a day alone. */
  time: string | null;
}

const readers = new Map<string, ReturnType<typeof dateFormatReader>>();

/** Why prices cannot have times of a format, or undefined. */
export function dateFormatIssue(format: string): string | undefined {
  const problem = dateFormatProblem(format);
  if (problem !== undefined) return problem;
  if (!format.includes('D')) return 'it needs a day (DD or D)';
  return format.includes('Z') ? 'it has a zone (Z): leave dateFormat out, such times are read as they are' : undefined;
}

/**
 * Reads a time by a format such as `DD/MM/YYYY HH:mm`. A time of day may follow a format that has none. Undefined if it does not fit.
 * @param format one that `dateFormatIssue` has no issue with
 */
export function readByFormat(format: string, text: string): LocalMoment | undefined {
  let reader = readers.get(format);
  if (reader === undefined) {
    if (readers.size >= MOST_KEPT) readers.clear();
    readers.set(format, (reader = dateFormatReader(format, true)));
  }
  const parts = reader(text);
  if (parts === undefined) return undefined;
  const { year, month, day, hour, minute = '00', second = '00' } = parts;
  return { day: `${year}-${month}-${day}`, time: hour === undefined ? null : `${hour}:${minute}:${second}` };
}
