import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { brokerName, currencyCode, wireText } from '#text';
import { timeZoneName } from '#time';
import { dateFormatIssue } from './date-format.js';

const column = wireText(200);

const dateFormat = wireText(40).check(({ value, issues }) => {
  const issue = dateFormatIssue(value);
  if (issue !== undefined) issues.push({ code: 'custom', input: value, message: issue });
});

const divisor = z
  .int({ error: 'a whole number above 0' })
  .min(1, { error: 'a whole number above 0' })
  .max(1_000_000_000_000, { error: 'at most 1,000,000,000,000' });

const condition = z
  .strictObject({
    column,
    is: z.array(wireText(200, 0)).min(1).max(40).optional(),
    not: z.array(wireText(200, 0)).min(1).max(40).optional(),
  })
  .refine(({ is, not }) => (is === undefined) !== (not === undefined), { error: 'either is or not' });

/** How prices are read from a source. Columns of a CSV, or paths (`ohlc.close`) of a JSON element. */
export const quoteSettings = z.strictObject({
  broker: brokerName.describe('Namespace of the keys'),
  keys: z
    .array(wireText(200))
    .min(1)
    .max(10_000)
    .optional()
    .describe('Keys to request, in chunks. The url contains {keys}'),
  chunk: z.int().min(1).max(1_000).optional().describe('Keys per request. Default: 100'),
  separator: wireText(10).optional().describe('Separator of the keys. Default: a comma'),
  key: column.optional().describe('Column of the key, or its path in a JSON element'),
  price: z
    .union([column, z.strictObject({ mid: z.tuple([column, column]) })], { error: 'a column, or {"mid": [bid, ask]}' })
    .optional(),
  kind: z.enum(['last', 'mark', 'mid', 'settlement']).optional().describe('Default: last, or mid for a middle price'),
  time: z
    .union([column, z.array(column).min(1).max(3)], { error: 'a column, or a list of columns that are joined' })
    .optional(),
  timeZone: timeZoneName
    .optional()
    .describe('Time zone of times without one. Default: that of the venue of the feed, else UTC'),
  dateFormat: dateFormat
    .optional()
    .describe('Such as "DD/MM/YYYY HH:mm". Dates in an order that can be misread need it'),
  closesAt: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'a time such as "16:00"' })
    .optional()
    .describe('Time of a date without a time. Default: the close of the venue of the feed, else the end of the day'),
  previousClose: z
    .union([column, z.strictObject({ barBefore: z.literal(true) })], {
      error: 'a column, or {"barBefore": true} for the price of the day before in the same file',
    })
    .optional(),
  previousCloseDate: column.optional(),
  currency: column.optional().describe('Column of the currency'),
  fixedCurrency: currencyCode.optional().describe('Currency of all prices'),
  divideBy: divisor.optional().describe('Prices are whole numbers of this part of the unit: 100 for paise'),
  when: z
    .array(z.strictObject({ if: z.array(condition).min(1).max(10), divideBy: divisor }))
    .max(20)
    .optional()
    .describe('Another divideBy for the rows to which all conditions apply; the first that fits'),
  decimalMark: z.enum(['.', ','], { error: '"." or ","' }).optional().describe('Default: "."'),
  skip: z.array(wireText(50)).max(20).optional().describe('Texts that mean "no price". Default: N/D, NaN, -'),
  items: column.optional().describe('Path to the list or object of quotes in a JSON answer'),
  fixedKey: wireText(200).optional().describe('Key of a file without keys'),
});
export type QuoteSettings = z.output<typeof quoteSettings>;

publishSchemas({ QuoteCondition: condition, QuoteSettings: quoteSettings });
