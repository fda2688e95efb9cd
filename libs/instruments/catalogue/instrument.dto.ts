import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalString, decimalText } from '#decimal';
import { BY_ID, brokerName, wireList, wireOrder, wireText } from '#text';
import { pageOf, pageQuery } from '#http';
import { timestamp } from '#time';

/** Maximum number of contracts that one request follows, and stops following. */
const MOST_WATCHED = 1_000;
/** Maximum number of keys of one search. */
const MOST_KEYS = 500;
export const watchlistOrder = wireOrder({ id: BY_ID, followedAt: timestamp, tradingsymbol: wireText(1_000, 0) }, 'id');

const decimal = decimalText;

export const instrumentSchema = z.object({
  id: z.uuid().describe('Id of the contract. It never changes, unlike symbol and key'),
  broker: z.string(),
  key: z.string().describe("The broker's own key, as text; reused for another contract once this one has expired"),
  exchange: z.string(),
  segment: z.string().nullable(),
  tradingsymbol: z.string().describe('Not unique. The name, if the master leaves the symbol blank'),
  name: z.string(),
  expiry: z.iso.date().nullable(),
  strike: decimal.nullable(),
  type: z.string().nullable(),
  tickSize: decimal.nullable(),
  lotSize: decimal.nullable(),
  attributes: z.record(z.string(), z.string()).describe("The master's other columns, as text"),
  listedAt: z.iso.datetime(),
  delistedAt: z.iso.datetime().nullable(),
  updatedAt: z.iso.datetime(),
});
export type InstrumentView = z.output<typeof instrumentSchema>;

const day = z.iso.date({ error: 'a day such as 2026-08-25' });
const underlying = wireText(64).describe('Underlying of derivatives, for example NIFTY');

const BESIDE_KEYS = [
  'query',
  'exchange',
  'segment',
  'type',
  'underlying',
  'expiry',
  'expiryFrom',
  'expiryTo',
  'strike',
  'strikeFrom',
  'strikeTo',
] as const;
/** What a search is by, without keys. */
export const searchFields = {
  query: wireText(100)
    .optional()
    .describe(
      'Part of a symbol or name, an ISIN, a code of an exchange or broker, or a contract such as `NIFTY 2 DEC 26000 CE`. Several words must all match. `NSE:` before it, or `NSE` after it, names the exchange',
    ),
  broker: brokerName.optional(),
  exchange: wireText(32).optional(),
  segment: wireText(64).optional(),
  type: wireText(64).optional(),
  underlying: underlying.optional(),
  expiry: day.optional(),
  expiryFrom: day.optional().describe('First day of expiries'),
  expiryTo: day.optional().describe('Last day of expiries'),
  strike: decimalString.optional(),
  strikeFrom: decimalString.optional().describe('Lowest strike'),
  strikeTo: decimalString.optional().describe('Highest strike'),
  delisted: z.enum(['include', 'exclude'], { error: 'include or exclude' }).default('exclude'),
};
export const instrumentsQuerySchema = z
  .strictObject({
    ...searchFields,
    key: wireList(wireText(200), MOST_KEYS)
      .optional()
      .describe(
        'Keys of the broker, repeated: `broker=zerodha&key=738561&key=408065`. Only with `broker`, `delisted` and the page',
      ),
    // Rank, upper-case symbol, id.
    ...pageQuery(z.tuple([z.string().regex(/^\d(\.\d{1,6})?$/), wireText(1000), z.uuid()])),
  })
  .refine(({ key, broker }) => key === undefined || broker !== undefined, {
    path: ['broker'],
    error: 'the broker of the keys',
  })
  .refine((given) => given.key === undefined || BESIDE_KEYS.every((name) => given[name] === undefined), {
    path: ['key'],
    error: `no key beside ${BESIDE_KEYS.join(', ')}`,
  });
export type InstrumentsQuery = z.output<typeof instrumentsQuerySchema>;

export const instrumentIdSchema = z.uuid({ error: 'the id of an instrument' });
export const instrumentsPageSchema = pageOf(instrumentSchema);
export type InstrumentsPage = z.output<typeof instrumentsPageSchema>;

/** `GET /v1/instruments/expiries`. */
export const expiriesQuerySchema = z.strictObject({
  underlying,
  broker: brokerName.optional(),
  exchange: wireText(32).optional(),
  expiryFrom: day.optional().describe('First day of expiries'),
  expiryTo: day.optional().describe('Last day of expiries'),
  ...pageQuery(z.tuple([day, brokerName, wireText(32)])),
});
export type ExpiriesQuery = z.output<typeof expiriesQuerySchema>;

export const expiriesPageSchema = pageOf(
  z.object({ underlying: z.string(), broker: z.string(), exchange: z.string(), expiry: z.iso.date() }),
);
export type ExpiriesPage = z.output<typeof expiriesPageSchema>;

/** `GET /v1/instruments/chain`. */
export const chainQuerySchema = z.strictObject({
  underlying,
  broker: brokerName,
  exchange: wireText(32).optional(),
  expiry: day.optional().describe('Default: the next expiry'),
  strikeFrom: decimalString.optional().describe('Lowest strike'),
  strikeTo: decimalString.optional().describe('Highest strike'),
  ...pageQuery(z.tuple([wireText(32), decimalString])),
});
export type ChainQuery = z.output<typeof chainQuerySchema>;

export const chainPageSchema = pageOf(
  z.object({
    exchange: z.string(),
    strike: decimal,
    call: instrumentSchema.nullable(),
    put: instrumentSchema.nullable(),
  }),
).extend({ underlying: z.string(), broker: z.string(), expiry: z.iso.date() });
export type ChainPage = z.output<typeof chainPageSchema>;

export const followedSchema = instrumentSchema.extend({ followedAt: z.iso.datetime() });
export type FollowedView = z.output<typeof followedSchema>;
export const watchlistQuerySchema = z
  .strictObject({
    sort: watchlistOrder.sort,
    ...pageQuery(watchlistOrder.key(z.uuid())),
  })
  .refine(...watchlistOrder.sameOrder);

const watched = z
  .array(instrumentIdSchema, { error: 'a list of instrument ids' })
  .max(MOST_WATCHED, { error: `at most ${MOST_WATCHED} ids` })
  .default([])
  .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]);
export const changeWatchlistSchema = z
  .strictObject({ follow: watched, unfollow: watched })
  .refine(({ follow, unfollow }) => follow.length + unfollow.length > 0, {
    path: ['follow'],
    error: 'at least one id in follow or unfollow',
  })
  .refine(({ follow, unfollow }) => !follow.some((id) => unfollow.includes(id)), {
    path: ['unfollow'],
    error: 'no id that is also in follow',
  });
export type ChangeWatchlist = z.output<typeof changeWatchlistSchema>;

export const watchlistChangedSchema = z.object({
  followed: z.int().describe('Number of contracts added'),
  unfollowed: z.int().describe('Number of contracts removed'),
  notFound: z.array(z.uuid()).describe('Ids in `follow` of which there is no contract'),
});
export type WatchlistChanged = z.output<typeof watchlistChangedSchema>;
export type WatchlistQuery = z.output<typeof watchlistQuerySchema>;
export const watchlistPageSchema = pageOf(followedSchema);
export type WatchlistPage = z.output<typeof watchlistPageSchema>;

publishSchemas({
  Expiry: expiriesPageSchema.shape.items.element,
  ExpiryPage: expiriesPageSchema,
  FollowedInstrument: followedSchema,
  Instrument: instrumentSchema,
  InstrumentPage: instrumentsPageSchema,
  OptionChain: chainPageSchema,
  OptionChainRow: chainPageSchema.shape.items.element,
  WatchlistChange: changeWatchlistSchema,
  WatchlistChanged: watchlistChangedSchema,
  WatchlistPage: watchlistPageSchema,
});
