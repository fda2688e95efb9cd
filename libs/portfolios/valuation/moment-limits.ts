import type { ValuedPosition } from './position.js';
import { instantOf, type PositionInput, sessionOf } from './priced-position.js';
import type { SessionDays } from './session-days.js';

/** What a later moment can change in a portfolio: it stays as it is until a session ends or a fresh price becomes stale. */
export interface MomentLimits {
  /** When the first of its session days ends, ms since 1970. */
  sessionEnds: number;
  /** Time of the oldest fresh price, by calendar. */
  oldest: ReadonlyMap<SessionDays, number>;
}

/** @param ends when the session day of the portfolio itself ends */
export function limitsOf(
  inputs: readonly PositionInput[],
  positions: readonly ValuedPosition[],
  ends: number,
): MomentLimits {
  let sessionEnds = ends;
  const oldest = new Map<SessionDays, number>();
  for (const [at, input] of inputs.entries()) {
    const { incomplete, pricedAt } = positions[at]!;
    sessionEnds = Math.min(sessionEnds, sessionOf(input).ends);
    // A quote that is refused decides whose close is read, and not the session that the position is measured in.
    if (incomplete.some(({ reason }) => reason === 'currency_mismatch'))
      sessionEnds = Math.min(sessionEnds, sessionOf({ ...input, quote: undefined }).ends);
    // A stale price stays so, and without a price there is none that ages.
    if (pricedAt === null || incomplete.some(({ reason }) => reason === 'stale_price')) continue;
    oldest.set(input.days, Math.min(oldest.get(input.days) ?? Infinity, instantOf(pricedAt)));
  }
  return { sessionEnds, oldest };
}

/** Whether the desk's moment changes a portfolio that was valued at an earlier one. Costs no look at its positions. */
export function changesAt(moment: number, staleAfterMs: number, { sessionEnds, oldest }: MomentLimits): boolean {
  if (moment >= sessionEnds) return true;
  for (const [days, at] of oldest) if (days.isStale(at, moment, staleAfterMs)) return true;
  return false;
}
