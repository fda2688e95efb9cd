import { utcTimeSql } from '#time';
/**
 * A contract in an answer. Decimals are strings without trailing zeros, days are YYYY-MM-DD, times are ISO 8601 in UTC.
 */
export interface InstrumentRow {
  id: string;
  broker: string;
  key: string;
  exchange: string;
  segment: string | null;
  tradingsymbol: string;
  name: string;
  expiry: string | null;
  strike: string | null;
  type: string | null;
  tickSize: string | null;
  lotSize: string | null;
  attributes: Record<string, string>;
  listedAt: string;
  delistedAt: string | null;
  updatedAt: string;
}

/** The columns of an InstrumentRow, from `instruments i`. */
export const INSTRUMENT_COLUMNS = `i.id, i.broker, i.instrument_key AS key, i.exchange, i.segment, i.tradingsymbol, i.name, i.expiry::text AS expiry,
  trim_scale(i.strike)::text AS strike, i.instrument_type AS type, trim_scale(i.tick_size)::text AS "tickSize",
  trim_scale(i.lot_size)::text AS "lotSize", i.attributes, ${utcTimeSql('i.listed_at')} AS "listedAt", ${utcTimeSql('i.delisted_at')} AS "delistedAt",
  ${utcTimeSql('i.updated_at')} AS "updatedAt"`;
