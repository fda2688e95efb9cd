import type { z } from 'zod';
import { beside } from '#panels';
import { publishSchemas } from '#schemas';
import { portfolioSummary, type PortfolioSummary } from '../portfolio.dto.js';
import { currencyUnit } from '../valuation/currencies.js';

/**
 * A portfolio as a row of a window: what `GET /v1/portfolios/{id}` shows, without times of prices and without members that only
 * repeat others or say that all is well. 200 of them are 55 kB instead of 139 kB, and a quote changes two members instead of ten.
 */
export const portfolioRow = portfolioSummary
  .omit({ sessionDays: true, markedAt: true, oldestPriceAt: true, updatedAt: true, closedAt: true })
  .extend({
    known: portfolioSummary.shape.known.optional().describe('Only if `value` or `dayPnl` is null'),
    byCurrency: portfolioSummary.shape.byCurrency.optional().describe('Only if there is money in another currency'),
    staleSnapshot: portfolioSummary.shape.staleSnapshot.optional().describe('Only if it is true'),
    incomplete: portfolioSummary.shape.incomplete.optional().describe('Only if there are entries'),
    incompleteCount: portfolioSummary.shape.incompleteCount.optional().describe('Only if there are entries'),
  });
export type PortfolioRowView = z.output<typeof portfolioRow>;

const rows = beside<PortfolioSummary, PortfolioRowView>();

/** The same row for the same summary, so that its text is made once for all windows. */
export function portfolioRowOf(summary: PortfolioSummary): PortfolioRowView {
  let row = rows.get(summary);
  if (row === undefined) rows.set(summary, (row = made(summary)));
  return row;
}

function made(summary: PortfolioSummary): PortfolioRowView {
  const { portfolioId, userId, broker, account, currency, cash, value, dayPnl, dayFees, reconciliation } = summary;
  const { known, byCurrency, staleSnapshot, positions, asOf, incomplete, incompleteCount } = summary;
  const own = currencyUnit(currency).major;
  // Named one by one: to leave out members of a copy takes ten times as long, for each portfolio that a tick moves.
  const row = { portfolioId, userId, broker, account, currency, cash, value, dayPnl, positions, asOf };
  return {
    ...row,
    ...(dayFees !== undefined && { dayFees }),
    ...(reconciliation !== undefined && { reconciliation }),
    ...((row.value === null || row.dayPnl === null) && { known }),
    ...(byCurrency.some((each) => each.currency !== own) && { byCurrency }),
    ...(staleSnapshot && { staleSnapshot }),
    ...(incompleteCount > 0 && { incomplete, incompleteCount }),
  };
}

publishSchemas({ PortfoliosPanelRow: portfolioRow });
