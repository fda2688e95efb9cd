import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import { BY_ID, brokerName, currencyCode, wireFlag, wireList, wireOrder, wireText } from '#text';
import { pageOf, pageQuery } from '#http';
import { STEP } from './history/history-step.js';
import { position } from './snapshots/position.dto.js';
import { deskTime } from './wire-fields.js';

const storedTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
/**
 * Only what is stored: value and day P&L are derived from quotes. An order by them would change between two pages, and every
 * page would value every portfolio.
 */
export const portfolioOrder = wireOrder(
  {
    portfolioId: BY_ID,
    broker: brokerName,
    positions: z.string().regex(/^\d{1,9}$/),
    asOf: storedTime,
    updatedAt: storedTime,
  },
  'portfolioId',
  '. value and dayPnl change with each quote: the panel portfolios of GET /v1/dashboard sorts by them, in `windows`',
);

/** `GET /v1/portfolios`. `userId` is for operators; a trader may only give their own id. */
export const listPortfolios = z
  .strictObject({
    userId: wireList(z.uuid({ error: 'the id of a user' }).toLowerCase())
      .optional()
      .describe('Owners; for operators'),
    broker: wireList(brokerName).optional(),
    currency: wireList(currencyCode).optional().describe('Currency of the portfolio'),
    closed: wireFlag.describe('true: closed portfolios instead of open ones'),
    sort: portfolioOrder.sort.describe(
      '- for descending. The panel `portfolios` of `GET /v1/dashboard` sorts by value and day P&L, in `windows`',
    ),
    ...pageQuery(portfolioOrder.key(wireText(200))),
  })
  .refine(...portfolioOrder.sameOrder);
export type ListPortfolios = z.output<typeof listPortfolios>;

const knownAmounts = z
  .object({ value: decimalText, dayPnl: decimalText })
  .describe('Sums of what is known: equal to `value` and `dayPnl`, unless those are null');

const incompleteEntry = z.object({
  position: z.string().optional(),
  leg: z.string().optional(),
  currency: z.string().optional(),
  field: z.enum(['value', 'unrealised', 'dayPnl', 'price', 'fxPnl']).optional(),
  reason: z.string(),
});
export const incompleteEntries = z
  .array(incompleteEntry)
  .describe('Why a figure is null, and what a figure is assumed by; at most 20');

export const currencyAmounts = z.object({
  currency: z.string().describe('A major currency: GBP also for positions in GBX'),
  cash: decimalText,
  value: decimalText.nullable(),
  dayPnl: decimalText.nullable(),
  known: knownAmounts,
});

/** All currencies in one. */
export const baseView = z.object({
  currency: z.string(),
  value: decimalText.nullable(),
  dayPnl: decimalText.nullable().describe('Profit in each currency, at the rates of now'),
  fxPnl: decimalText.nullable().describe('What rates have moved since their previous close'),
  known: knownAmounts,
  rates: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      path: z.array(z.string()),
      price: decimalText,
      asOf: z.iso.datetime(),
    }),
  ),
  incomplete: incompleteEntries,
});
export type BaseView = z.output<typeof baseView>;

const reconciliation = z.object({ given: decimalText, computed: decimalText, difference: decimalText });
const reconciliations = z
  .object({ value: reconciliation.optional(), dayPnl: reconciliation.optional() })
  .optional()
  .describe("The broker's figures beside ours, at the prices of the snapshot");

/**
 * A portfolio without its positions. Amounts are exact decimal strings, computed ones with at most 18 decimals. They are
 * derived at each read from the snapshot and the latest quotes and rates; null if one of their parts is unknown.
 */
export const portfolioSummary = z.object({
  portfolioId: z.string(),
  userId: z.uuid(),
  broker: z.string(),
  account: z.string(),
  currency: z.string(),
  cash: decimalText,
  value: decimalText.nullable().describe('In `currency`; of other currencies by their rates'),
  dayPnl: decimalText.nullable(),
  known: knownAmounts,
  byCurrency: z.array(currencyAmounts),
  dayFees: decimalText.optional().describe('As sent; not part of `dayPnl`'),
  reconciliation: reconciliations,
  sessionDays: z.array(z.iso.date()).describe('The session days that `dayPnl` is of'),
  staleSnapshot: z.boolean().describe('Whether the snapshot is at least 5 session days old'),
  positions: z.int().describe('Number of positions'),
  asOf: z.iso.datetime().describe('Time of the snapshot'),
  markedAt: z.iso.datetime().nullable().describe('Time of the newest quote that prices a position, or null'),
  oldestPriceAt: z.iso.datetime().nullable().describe('Time of the oldest price of a position'),
  updatedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().optional().describe('When it was closed; absent while it is open'),
  incomplete: incompleteEntries,
  incompleteCount: z.int(),
});
export type PortfolioSummary = z.output<typeof portfolioSummary>;
export const portfolioPage = pageOf(portfolioSummary);

/** `GET /v1/portfolios/:id`. */
export const findPortfolio = z.strictObject({
  base: currencyCode.optional().describe('Adds the total in this currency'),
});
export type FindPortfolio = z.output<typeof findPortfolio>;

/** `PUT /v1/portfolios/:id/closed`. */
export const closePortfolio = z.strictObject({ closed: z.boolean({ error: 'true or false' }) });
export type ClosePortfolio = z.output<typeof closePortfolio>;

export const portfolioClosing = z.object({
  portfolioId: z.string(),
  closedAt: z.iso.datetime().nullable().describe('null: it is open'),
});
export type PortfolioClosing = z.output<typeof portfolioClosing>;

/** A position as it is now: its price by the latest quote, quantity and prices in the units after splits. */
const positionView = z.object({
  ...position.shape,
  currency: z.string(),
  previousClose: decimalText.optional().describe('The close that the day is measured from'),
  value: decimalText.nullable(),
  unrealised: decimalText.nullable(),
  dayPnl: decimalText.nullable(),
  exposure: decimalText.nullable(),
  dayBasis: z.enum(['broker', 'trades', 'opened-today', 'overnight', 'assumed-overnight']).nullable(),
  closeBasis: z.enum(['given', 'rolled']).nullable(),
  sessionDay: z.iso.date(),
  reconciliation: reconciliations,
});

/** A portfolio with its positions. A position has `pricedAt` once a quote newer than the snapshot has priced it. */
export const portfolioView = portfolioSummary.extend({
  positions: z.array(positionView),
  base: baseView.optional().describe('In the currency that `base` asks for'),
});
export type PortfolioView = z.output<typeof portfolioView>;

/** `GET /v1/portfolios/:id/history`. `to` defaults to now, `from` to one day before `to`, `step` to the finest that fits. */
export const historyQuery = z.strictObject({
  from: deskTime.optional(),
  to: deskTime.optional(),
  step: z.string().regex(STEP, { error: 'a step: a number from 1 to 999 and s, m, h or d, such as "5m"' }).optional(),
});
export type HistoryQuery = z.output<typeof historyQuery>;

const historyPoint = z.object({
  at: z.iso
    .datetime()
    .describe(
      'Start of the bucket: aligned to the step in UTC, or with a step in days the begin of its first session day',
    ),
  day: z.iso.date().optional().describe('With a step in days: the first session day of the bucket'),
  asOf: z.iso.datetime().describe('Time of the values: the last point of the bucket'),
  value: decimalText.nullable(),
  cash: decimalText,
  dayPnl: decimalText.nullable(),
});
export type HistoryPoint = z.output<typeof historyPoint>;

export const portfolioHistory = z.object({
  portfolioId: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  step: z.string(),
  points: z.array(historyPoint),
});
export type PortfolioHistory = z.output<typeof portfolioHistory>;

publishSchemas({
  BaseRate: baseView.shape.rates.element,
  BaseTotals: baseView,
  CurrencyAmounts: currencyAmounts,
  HistoryPoint: historyPoint,
  IncompleteEntry: incompleteEntry,
  KnownAmounts: knownAmounts,
  Portfolio: portfolioView,
  PortfolioClosing: portfolioClosing,
  PortfolioClosingRequest: closePortfolio,
  PortfolioHistory: portfolioHistory,
  PortfolioPage: portfolioPage,
  PortfolioSummary: portfolioSummary,
  Position: positionView,
  Reconciliation: reconciliation,
  Reconciliations: reconciliations,
});
