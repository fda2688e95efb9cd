import { z } from 'zod';
import { brokerName, wireText } from '#text';
import { pageOf, pageQuery } from '#http';

const decimal = z.string().describe('A decimal string');

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

export const instrumentsQuerySchema = z.strictObject({
  query: wireText(100).optional().describe('Part of a symbol or name. Several words must all match'),
  broker: brokerName.optional(),
  exchange: wireText(32).optional(),
  segment: wireText(64).optional(),
  type: wireText(64).optional(),
  expiry: z.iso.date({ error: 'a day such as 2026-08-25' }).optional(),
  delisted: z.enum(['include', 'exclude'], { error: 'include or exclude' }).default('exclude'),
  // Rank, upper-case symbol, id.
  ...pageQuery(z.tuple([z.string().regex(/^\d(\.\d{1,6})?$/), wireText(1000), z.uuid()])),
});
export type InstrumentsQuery = z.output<typeof instrumentsQuerySchema>;

export const instrumentIdSchema = z.uuid({ error: 'the id of an instrument' });
export const instrumentsPageSchema = pageOf(instrumentSchema);
export type InstrumentsPage = z.output<typeof instrumentsPageSchema>;

export const followedSchema = instrumentSchema.extend({ followedAt: z.iso.datetime() });
export type FollowedView = z.output<typeof followedSchema>;
export const watchlistQuerySchema = z.strictObject(pageQuery(z.uuid()));
export type WatchlistQuery = z.output<typeof watchlistQuerySchema>;
export const watchlistPageSchema = pageOf(followedSchema);
export type WatchlistPage = z.output<typeof watchlistPageSchema>;
