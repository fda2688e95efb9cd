import { utcTime } from '#time';
import { VenueCalendar, type VenueName } from '#venues';
import { CALENDARS } from '../../../libs/venues/calendars/calendars.js';
import { CurrencySums } from '../../../libs/portfolios/valuation/currency-sums.js';
import type {
  AdjustmentFacts,
  MarkFacts,
  PositionFacts,
  QuoteFacts,
  RateFacts,
  SnapshotFacts,
} from '../../../libs/portfolios/valuation/facts.js';
import { addCashOf, type ValuedPortfolio, valuePortfolio } from '../../../libs/portfolios/valuation/portfolio.js';
import { type ValuedPosition, valuePosition } from '../../../libs/portfolios/valuation/position.js';
import { sessionOf } from '../../../libs/portfolios/valuation/priced-position.js';
import { RateTable } from '../../../libs/portfolios/valuation/rate-table.js';
import { RollCalendar, SessionDays, UTC_MIDNIGHT } from '../../../libs/portfolios/valuation/session-days.js';

export interface PostedQuote {
  key: string;
  price: string;
  asOf: string;
  previousClose?: string;
  previousCloseDate?: string;
  currency?: string;
}

/** What a desk was sent, in the words of the wire. */
export interface DeskCase {
  venue?: VenueName;
  snapshot: SnapshotFacts;
  quotes?: readonly PostedQuote[];
  rates?: readonly (Pick<RateFacts, 'base' | 'quote' | 'price' | 'asOf'> & { previousClose?: string })[];
  adjustments?: readonly (AdjustmentFacts & { key: string })[];
  base?: string;
}

const STALE_AFTER_MS = 15 * 60_000;

export const daysOf = (venue?: VenueName) =>
  new SessionDays(venue === undefined ? new RollCalendar(UTC_MIDNIGHT, null) : new VenueCalendar(CALENDARS[venue]));

export function rateTable(desk: Pick<DeskCase, 'rates' | 'base'>, at: string): RateTable {
  const rates = (desk.rates ?? []).map(({ previousClose = null, ...rate }) => ({
    ...rate,
    previousClose,
    previousCloseAsOf: utcTime(rate.asOf),
    asOf: utcTime(rate.asOf),
  }));
  return new RateTable(rates, { moment: Date.parse(at), days: daysOf('FX'), base: desk.base ?? null });
}

/** The row that quotes of a key end in, whatever the order they come in. */
function rowOf(quotes: readonly PostedQuote[]): QuoteFacts | undefined {
  const sorted = [...quotes].sort((a, b) => (utcTime(a.asOf) < utcTime(b.asOf) ? -1 : 1));
  const last = sorted.at(-1);
  const close = sorted.findLast(({ previousClose }) => previousClose !== undefined);
  return (
    last && {
      price: last.price,
      asOf: utcTime(last.asOf),
      currency: last.currency ?? null,
      previousClose: close?.previousClose ?? null,
      previousCloseDate: close?.previousCloseDate ?? null,
      previousCloseAsOf: close ? utcTime(close.asOf) : null,
    }
  );
}

export function valuedPosition(desk: DeskCase, at: string, position: PositionFacts, days = daysOf(desk.venue)) {
  const snapshotAsOf = utcTime(desk.snapshot.asOf);
  const quotes = (desk.quotes ?? []).filter(({ key, asOf }) => key === position.key && utcTime(asOf) <= utcTime(at));
  const quote = rowOf(quotes);
  const { begins } = sessionOf({ days, moment: Date.parse(at), snapshotAsOf, quote });
  const before = rowOf(quotes.filter(({ asOf }) => Date.parse(asOf) < begins));
  const closeMark: MarkFacts | undefined = before;
  return valuePosition({
    position: { ...position, ...(position.pricedAt && { pricedAt: utcTime(position.pricedAt) }) },
    snapshotAsOf,
    currency: desk.snapshot.currency,
    days,
    moment: Date.parse(at),
    quote,
    closeMark,
    adjustments: (desk.adjustments ?? []).filter(({ key }) => key === position.key),
    staleAfterMs: STALE_AFTER_MS,
  });
}

/** The portfolio at a moment, with the quotes that had come by then. */
export function valued(
  desk: DeskCase,
  at = desk.snapshot.asOf,
): ValuedPortfolio & { positions: ValuedPosition[]; rates: RateTable } {
  const days = daysOf(desk.venue);
  const positions = desk.snapshot.positions.map((position) => valuedPosition(desk, at, position, days));
  const sums = new CurrencySums();
  addCashOf(desk.snapshot, sums);
  for (const position of positions) sums.add(position);
  const rates = rateTable(desk, at);
  const snapshotAgeDays = days.daysBetween(days.at(Date.parse(desk.snapshot.asOf)).day, days.at(Date.parse(at)).day, 5);
  const portfolio = valuePortfolio({ snapshot: desk.snapshot, positions, sums, rates, snapshotAgeDays });
  return { ...portfolio, positions, rates };
}

/** The figures of a valuation as text. */
export function figuresOf(portfolio: ValuedPortfolio): { value: string | null; dayPnl: string | null } {
  const { value, dayPnl, decimals } = portfolio;
  return { value: value && value.shown(decimals.value), dayPnl: dayPnl && dayPnl.shown(decimals.dayPnl) };
}
