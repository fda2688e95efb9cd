import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

/** A time without a change of the clocks, ms since 1970, and how far they are ahead of UTC. */
interface SteadySpan {
  from: number;
  until: number;
  offsetMs: number;
}

const DAY_MS = 86_400_000;
/** A local time that is further than this from any change of the clocks is shown once. */
const CLEAR_MS = 2 * DAY_MS;
const ZONES_KEPT = 200;
/** Spans of one zone: two a year. */
const SPANS_KEPT = 100;

// Temporal takes 30 µs for one conversion. Between two changes of the clocks it is one addition.
const zones = new LRUCache<string, SteadySpan[]>({ max: ZONES_KEPT });

/** How far the clocks of a time zone are ahead of UTC, ms. @throws RangeError for an unknown time zone */
export function offsetAt(timeZone: string, at: number): number {
  return spanAt(timeZone, at).offsetMs;
}

/**
 * The moment of a local time, ms since 1970.
 * @returns undefined if the clocks change within two days, or if it is not written as YYYY-MM-DD and HH:MM
 */
export function plainMoment(timeZone: string, day: string, time: string): number | undefined {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return undefined;
  const midnight = midnightOf(day);
  if (midnight === undefined) return undefined;
  const local = midnight + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000;
  const { from, until, offsetMs } = spanAt(timeZone, local);
  const moment = local - offsetMs;
  return moment - from > CLEAR_MS && until - moment > CLEAR_MS ? moment : undefined;
}

/** @returns undefined if the day or the result is not of the years 0 to 9999 */
export function addedDays(day: string, days: number): string | undefined {
  const midnight = midnightOf(day);
  if (midnight === undefined || !Number.isInteger(days)) return undefined;
  const moved = new Date(midnight + days * DAY_MS);
  const year = moved.getUTCFullYear();
  return year >= 0 && year <= 9999 ? moved.toISOString().slice(0, 10) : undefined;
}

/** Midnight in UTC of a day that exists. */
function midnightOf(day: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day.slice(8)) ? undefined : midnight;
}

function spanAt(timeZone: string, at: number): SteadySpan {
  let spans = zones.get(timeZone);
  if (spans === undefined) zones.set(timeZone, (spans = []));
  for (const span of spans) if (at >= span.from && at < span.until) return span;
  const shown = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const next = shown.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  // The change at this very moment begins the span, so the one before is looked for from a moment later.
  const from = shown.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
  const span = { from, until: next, offsetMs: shown.offsetNanoseconds / 1e6 };
  if (spans.length === SPANS_KEPT) spans.pop();
  spans.unshift(span);
  return span;
}
