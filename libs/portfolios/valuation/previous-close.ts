import type { MarkFacts } from './facts.js';
import type { BlockingReason } from './incomplete.js';
import type { SessionDays, SessionSpan } from './session-days.js';

/** A previous close as a message brought it. */
export interface SentClose {
  price: string;
  /** Time of the message. */
  asOf: string;
  /** The trading day that it belongs to, if the message says so. */
  date: string | null;
}

/** A price that may stand in after the roll. */
export interface RollMark extends MarkFacts {
  /** The session day whose units the price is in, if it is not that of `asOf`: prices of a snapshot are in units of its day. */
  unitsOf?: string;
}

/** The close that a session is measured from. `given`: a message of this session has it. `rolled`: the last price of the day before. */
export interface PreviousClose {
  price: string;
  /** The session day whose units (before or after a split) the price is in. */
  unitsOf: string;
  basis: 'given' | 'rolled';
}

/**
 * The previous close of a session. A close that was sent is good for one session day only. After the roll the last price
 * of the day before stands in for it; a price from an earlier day does not.
 */
export function previousCloseOf(
  sent: readonly SentClose[],
  marks: readonly RollMark[],
  span: SessionSpan,
  days: SessionDays,
): PreviousClose | BlockingReason {
  let zero = false;
  for (const { price, asOf, date } of [...sent].sort(newestFirst)) {
    const unitsOf = days.at(Date.parse(asOf)).day;
    if (date === null ? unitsOf !== span.day : date !== span.previous) continue;
    if (!/[1-9]/.test(price)) zero = true;
    else return { price, unitsOf, basis: 'given' };
  }
  const [last] = marks.filter(({ asOf }) => Date.parse(asOf) < span.begins).sort(newestFirst);
  if (last !== undefined && days.at(Date.parse(last.asOf)).day === span.previous)
    return { price: last.price, unitsOf: last.unitsOf ?? span.previous, basis: 'rolled' };
  if (zero) return 'previous_close_zero';
  const ofAnotherDay = last !== undefined || sent.some(({ price }) => /[1-9]/.test(price));
  return ofAnotherDay ? 'previous_close_of_another_day' : 'no_previous_close';
}

function newestFirst(a: { asOf: string }, b: { asOf: string }): number {
  return a.asOf < b.asOf ? 1 : a.asOf > b.asOf ? -1 : 0;
}
