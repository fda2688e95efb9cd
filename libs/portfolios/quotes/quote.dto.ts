import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalString, decimalText } from '#decimal';
import { brokerName, currencyCode } from '#text';
import { pageOf, pageQuery } from '#http';
import { calendarDay, deskTime, instrumentKey } from '../wire-fields.js';

const quote = z.strictObject(
  {
    broker: brokerName,
    key: instrumentKey,
    price: decimalString,
    asOf: deskTime,
    previousClose: decimalString.optional().describe('0 means that it is not known'),
    previousCloseDate: calendarDay.optional().describe('session day of `previousClose`'),
    kind: z
      .enum(['last', 'mark', 'mid', 'settlement'], { error: 'last, mark, mid or settlement' })
      .optional()
      .describe('last by default'),
    currency: currencyCode.optional().describe('that of the position by default'),
  },
  { error: 'a quote: {broker, key, price, asOf, previousClose?, previousCloseDate?, kind?, currency?}' },
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

/**
 * `stored`: newer than the known quote. `stale`: as old or older, also than one of a request that was written together with this.
 */
export const quotesPosted = z.object({ stored: z.int(), stale: z.int() });
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
  price: decimalText,
  previousClose: decimalText.nullable(),
  previousCloseDate: z.iso.date().nullable(),
  previousCloseAsOf: z.iso.datetime().nullable().describe('`asOf` of the message that brought `previousClose`'),
  kind: z.enum(['last', 'mark', 'mid', 'settlement']),
  currency: z.string().nullable().describe('null: that of the position'),
  asOf: z.iso.datetime(),
});
export type QuoteView = z.output<typeof quoteView>;
export const quotePage = pageOf(quoteView);

publishSchemas({
  NewQuote: quote,
  PriceKind: quoteView.shape.kind,
  Quote: quoteView,
  QuoteBatch: postQuotes,
  QuotePage: quotePage,
  QuotesStored: quotesPosted,
});
