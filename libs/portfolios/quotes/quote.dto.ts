import { z } from 'zod';
import { decimalString } from '#decimal';
import { brokerName } from '#text';
import { pageOf, pageQuery } from '#http';
import { deskTime, instrumentKey } from '../wire-fields.js';

const quote = z.strictObject(
  {
    broker: brokerName,
    key: instrumentKey,
    price: decimalString,
    asOf: deskTime,
    previousClose: decimalString.optional(),
  },
  { error: 'a quote: {broker, key, price, asOf, previousClose?}' },
);
export type Quote = z.output<typeof quote>;

/** `POST /v1/quotes`. */
export const postQuotes = z.strictObject({
  quotes: z
    .array(quote, { error: 'a list of 1 to 10000 quotes' })
    .min(1, { error: 'a list of 1 to 10000 quotes' })
    .max(10_000, { error: 'a list of 1 to 10000 quotes' }),
});
export type PostQuotes = z.output<typeof postQuotes>;

/** `stored`: newer than the known quote. `stale`: as old or older. `marked`: portfolios whose value was computed again. */
export const quotesPosted = z.object({ stored: z.int(), stale: z.int(), marked: z.int() });
export type QuotesPosted = z.output<typeof quotesPosted>;

/** `GET /v1/quotes?broker=&key=&key=`. Without `key`: all of the broker's quotes, sorted by key. */
export const listQuotes = z.strictObject({
  broker: brokerName,
  key: z
    .union([instrumentKey, z.array(instrumentKey).max(500)], {
      error: 'one to 500 instrument keys of 1 to 200 characters',
    })
    .optional(),
  ...pageQuery(instrumentKey),
});
export type ListQuotes = z.output<typeof listQuotes>;

export const quoteView = z.object({
  broker: z.string(),
  key: z.string(),
  price: z.string(),
  previousClose: z.string().nullable(),
  asOf: z.string(),
});
export type QuoteView = z.output<typeof quoteView>;
export const quotePage = pageOf(quoteView);
