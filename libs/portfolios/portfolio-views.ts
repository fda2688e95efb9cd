import { shownTime } from '#time';
import type { BaseView, PortfolioSummary, PortfolioView } from './portfolio.dto.js';
import type { PortfolioWorth } from './portfolio-worth.js';
import type { StoredPosition } from './portfolios.repository.js';
import { baseTotal } from './valuation/base-total.js';
import type { CurrencyAmounts } from './valuation/conversion.js';
import { shownIncomplete } from './valuation/incomplete.js';
import type { ValuedPosition } from './valuation/position.js';
import { type RateTable, shownRate } from './valuation/rate-table.js';

const STALE_SNAPSHOT_DAYS = 5;

export function shownAmounts({ currency, cash, value, dayPnl, known }: CurrencyAmounts) {
  return {
    currency,
    cash: cash.shown(),
    value: value && value.shown(),
    dayPnl: dayPnl && dayPnl.shown(),
    known: { value: known.value.shown(), dayPnl: known.dayPnl.shown() },
  };
}

export function summaryOf({ row, valued, positions }: PortfolioWorth): PortfolioSummary {
  const { value, dayPnl, known, decimals, reconciliation, incomplete } = valued;
  const { portfolioId, userId, broker, account, currency, cash, dayFees, asOf, updatedAt, closedAt } = row;
  return {
    portfolioId,
    userId,
    broker,
    account,
    currency,
    cash,
    value: value && value.shown(decimals.value),
    dayPnl: dayPnl && dayPnl.shown(decimals.dayPnl),
    known: { value: known.value.shown(decimals.value), dayPnl: known.dayPnl.shown(decimals.dayPnl) },
    byCurrency: valued.byCurrency.map(shownAmounts),
    ...(dayFees !== null && { dayFees }),
    ...shownReconciliation(reconciliation),
    sessionDays: valued.sessionDays,
    staleSnapshot: valued.snapshotAgeDays >= STALE_SNAPSHOT_DAYS,
    positions: positions.length,
    asOf: shownTime(asOf),
    markedAt: shownTime(valued.markedAt),
    oldestPriceAt: shownTime(valued.oldestPriceAt),
    updatedAt: shownTime(updatedAt),
    ...(closedAt !== null && { closedAt: shownTime(closedAt) }),
    incomplete: shownIncomplete(incomplete),
    incompleteCount: incomplete.length,
  };
}

export function portfolioViewOf(worth: PortfolioWorth): PortfolioView {
  const positions = worth.positions.map((valued, at) => positionOf(worth.row.positions[at]!, valued));
  return { ...summaryOf(worth), positions };
}

export function shownBase(totals: readonly CurrencyAmounts[], currency: string, table: RateTable): BaseView {
  const { value, dayPnl, fxPnl, known, paths, incomplete } = baseTotal(totals, currency, table);
  return {
    currency,
    value: value && value.shown(),
    dayPnl: dayPnl && dayPnl.shown(),
    fxPnl: fxPnl && fxPnl.shown(),
    known: { value: known.value.shown(), dayPnl: known.dayPnl.shown() },
    rates: paths.map(({ from, to, path, rate, asOf }) => ({
      from,
      to,
      path,
      price: shownRate(rate),
      asOf: shownTime(asOf),
    })),
    incomplete: shownIncomplete(incomplete),
  };
}

function positionOf(sent: StoredPosition, valued: ValuedPosition): PortfolioView['positions'][number] {
  const { previousClose: _, pricedAt, ...rest } = sent;
  const { decimals, quotedAt } = valued;
  const priced = quotedAt ?? pricedAt;
  return {
    ...rest,
    quantity: asSent(sent.quantity, valued.quantity.shown()),
    averagePrice: valued.averagePrice && asSent(sent.averagePrice, valued.averagePrice.shown()),
    lastPrice: valued.price && asSent(sent.lastPrice, valued.price.shown()),
    ...(priced !== undefined && { pricedAt: shownTime(priced) }),
    ...(valued.previousClose && { previousClose: asSent(sent.previousClose, valued.previousClose.shown()) }),
    currency: valued.currency,
    value: valued.value && valued.value.shown(decimals.value),
    unrealised: valued.unrealised && valued.unrealised.shown(),
    dayPnl: valued.dayPnl && valued.dayPnl.shown(decimals.dayPnl),
    exposure: valued.exposure && valued.exposure.shown(),
    dayBasis: valued.dayBasis,
    closeBasis: valued.closeBasis,
    sessionDay: valued.sessionDay,
    ...shownReconciliation(valued.reconciliation),
  };
}

function shownReconciliation(reconciliation: ValuedPosition['reconciliation']) {
  return Object.keys(reconciliation).length === 0 ? {} : { reconciliation };
}

/** The digits of the client, if they say the same number. */
function asSent(sent: string | null | undefined, shown: string): string {
  return sent != null && trimmed(sent) === shown ? sent : shown;
}

function trimmed(decimal: string): string {
  const text = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
  return text === '-0' ? '0' : text;
}
