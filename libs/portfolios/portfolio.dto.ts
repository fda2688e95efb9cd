import { z } from 'zod';
import { brokerName, wireText } from '#text';
import { pageOf, pageQuery } from '#http';
import { STEP } from './history/history-step.js';
import { position } from './snapshots/position.dto.js';
import { deskTime } from './wire-fields.js';

/** `GET /v1/portfolios`. `user` is for operators; a trader may only give their own id. */
export const listPortfolios = z.strictObject({
  user: z.uuid({ error: 'the id of a user' }).optional(),
  broker: brokerName.optional(),
  ...pageQuery(wireText(200)),
});
export type ListPortfolios = z.output<typeof listPortfolios>;

/**
 * A portfolio without its positions. Amounts are exact decimal strings. `value` is cash + sum(quantity x lastPrice x
 * multiplier). `dayPnl` is sum(quantity x (lastPrice - previousClose) x multiplier) over positions with a previous close.
 */
export const portfolioSummary = z.object({
  portfolioId: z.string(),
  userId: z.uuid(),
  broker: z.string(),
  account: z.string(),
  currency: z.string(),
  cash: z.string(),
  value: z.string(),
  dayPnl: z.string(),
  positions: z.int().describe('Number of positions'),
  asOf: z.string().describe('Time of the snapshot'),
  markedAt: z.string().nullable().describe('Time of the newest quote applied since the snapshot, or null'),
  updatedAt: z.string(),
});
export type PortfolioSummary = z.output<typeof portfolioSummary>;
export const portfolioPage = pageOf(portfolioSummary);

/** A portfolio with its positions. A position has `pricedAt` once a quote newer than the snapshot has priced it. */
export const portfolioView = portfolioSummary.extend({ positions: z.array(position) });
export type PortfolioView = z.output<typeof portfolioView>;

/** `GET /v1/portfolios/:id/history`. `to` defaults to now, `from` to one day before `to`, `step` to the finest that fits. */
export const historyQuery = z.strictObject({
  from: deskTime.optional(),
  to: deskTime.optional(),
  step: z.string().regex(STEP, { error: 'a step: a number from 1 to 999 and s, m, h or d, such as "5m"' }).optional(),
});
export type HistoryQuery = z.output<typeof historyQuery>;

const historyPoint = z.object({
  at: z.string().describe('Start of the bucket, aligned to the step in UTC'),
  asOf: z.string().describe('Time of the values: the last point of the bucket'),
  value: z.string(),
  cash: z.string(),
  dayPnl: z.string(),
});
export type HistoryPoint = z.output<typeof historyPoint>;

export const portfolioHistory = z.object({
  portfolioId: z.string(),
  from: z.string(),
  to: z.string(),
  step: z.string(),
  points: z.array(historyPoint),
});
export type PortfolioHistory = z.output<typeof portfolioHistory>;
