import { setImmediate as pause } from 'node:timers/promises';
import { daysAfter } from '#time';
import type { SessionDays } from '../valuation/session-days.js';
import { stepInDays, stepMs } from './history-step.js';

/** A step of a chart: from `begins` until before `ends`, ms since 1970. */
export interface HistoryBucket {
  begins: number;
  ends: number;
  /** The session day that it begins with, of steps in days. */
  day: string | null;
}

/** Buckets between two pauses: a calendar takes some 20 µs for a day that it does not remember. */
const AT_ONCE = 200;
const DAY_MS = 86_400_000;
const EPOCH = '1970-01-01';

/**
 * The buckets that a range of times touches. Those of steps in days hold whole session days: one of `7d` holds those of 7 days
 * of the calendar, counted from 1970-01-01. Others are aligned to the step in UTC.
 */
export async function bucketsOf(
  fromMs: number,
  toMs: number,
  step: string,
  days: SessionDays,
): Promise<HistoryBucket[]> {
  const count = stepInDays(step);
  if (count !== null) return dayBuckets(fromMs, toMs, count, days);
  const width = stepMs(step);
  const buckets: HistoryBucket[] = [];
  for (let begins = Math.floor(fromMs / width) * width; begins <= toMs; begins += width)
    buckets.push({ begins, ends: begins + width, day: null });
  return buckets;
}

async function dayBuckets(fromMs: number, toMs: number, count: number, days: SessionDays): Promise<HistoryBucket[]> {
  const indexOf = ({ day }: { day: string }) => Math.floor(Date.parse(day) / DAY_MS / count);
  const firstOf = (index: number) => days.onOrAfter(daysAfter(EPOCH, index * count));
  const last = indexOf(days.at(toMs));
  const buckets: HistoryBucket[] = [];
  let index = indexOf(days.at(fromMs));
  for (let span = firstOf(index); index <= last; index++) {
    if (index % AT_ONCE === 0) await pause();
    // On the days of a weekend the first session day is that of Monday, which is known.
    const next = indexOf(span) > index ? span : firstOf(index + 1);
    // A bucket without a trading day is empty: Saturday and Sunday belong to the session day of Friday.
    if (next.begins > span.begins) buckets.push({ begins: span.begins, ends: next.begins, day: span.day });
    span = next;
  }
  return buckets;
}
