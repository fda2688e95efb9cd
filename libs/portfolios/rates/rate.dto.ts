import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalString, decimalText, nonNegativeDecimal } from '#decimal';
import { pageOf, pageQuery } from '#http';
import { brokerName, currencyCode, wireText } from '#text';
import { currencyUnit } from '../valuation/currencies.js';
import { calendarDay, deskTime, instrumentKey } from '../wire-fields.js';

const majorCurrency = currencyCode.refine((code) => currencyUnit(code).major === code, {
  error: 'a major currency: a minor unit such as "GBX" is a fixed part of it',
});

const positive = decimalString.refine((value) => !value.startsWith('-') && /[1-9]/.test(value), {
  error: 'a decimal string above 0',
});

const rate = z
  .strictObject(
    {
      base: majorCurrency,
      quote: majorCurrency,
      price: positive.describe('price of 1 `base` in `quote`'),
      asOf: deskTime,
      previousClose: nonNegativeDecimal.optional().describe('0 means that it is not known'),
      source: wireText(64).optional(),
    },
    { error: 'a rate: {base, quote, price, asOf, previousClose?, source?}' },
  )
  .refine(({ base, quote }) => base !== quote, { path: ['quote'], error: 'another currency than base' });
export type Rate = z.output<typeof rate>;

/** `POST /v1/rates`. */
export const postRates = z.strictObject({
  rates: z
    .array(rate, { error: 'a list of 1 to 1000 rates' })
    .min(1, { error: 'a list of 1 to 1000 rates' })
    .max(1_000, { error: 'a list of 1 to 1000 rates' }),
});
export type PostRates = z.output<typeof postRates>;

/** `stored`: pairs whose rate is newer than the known one. `stale`: the other rates of the request. */
export const ratesPosted = z.object({ stored: z.int(), stale: z.int() });
export type RatesPosted = z.output<typeof ratesPosted>;

/** `GET /v1/rates`, sorted by base and quote. */
export const listRates = z.strictObject(pageQuery(z.tuple([currencyCode, currencyCode])));
export type ListRates = z.output<typeof listRates>;

export const rateView = z.object({
  base: z.string(),
  quote: z.string(),
  price: decimalText,
  asOf: z.iso.datetime(),
  previousClose: decimalText.nullable(),
  previousCloseAsOf: z.iso.datetime().nullable().describe('`asOf` of the message that brought `previousClose`'),
  source: z.string().nullable(),
});
export type RateView = z.output<typeof rateView>;
export const ratePage = pageOf(rateView);

/** `POST /v1/adjustments`: a split. From `exDate` on, one unit of before is `factor` units. A factor of 1 undoes it. */
export const postAdjustment = z.strictObject({
  broker: brokerName,
  key: instrumentKey,
  exDate: calendarDay,
  factor: positive,
});
export type PostAdjustment = z.output<typeof postAdjustment>;

/** `GET /v1/adjustments`, sorted by broker, key and day. */
export const listAdjustments = z.strictObject({
  broker: brokerName.optional(),
  ...pageQuery(z.tuple([brokerName, instrumentKey, calendarDay])),
});
export type ListAdjustments = z.output<typeof listAdjustments>;

export const adjustmentView = z.object({
  broker: z.string(),
  key: z.string(),
  exDate: z.iso.date(),
  factor: decimalText,
  createdBy: z.uuid(),
  createdAt: z.iso.datetime(),
});
export type AdjustmentView = z.output<typeof adjustmentView>;
export const adjustmentPage = pageOf(adjustmentView);

publishSchemas({
  Adjustment: adjustmentView,
  AdjustmentPage: adjustmentPage,
  NewAdjustment: postAdjustment,
  NewRate: rate,
  Rate: rateView,
  RateBatch: postRates,
  RatePage: ratePage,
  RatesStored: ratesPosted,
});
