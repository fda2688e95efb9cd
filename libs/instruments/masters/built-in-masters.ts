import { type MasterMapping, masterMappingSchema, requiredColumns } from './master-mapping.js';
import { wrongHeader } from '../instruments.errors.js';

/**
 * Zerodha's Kite Connect, GET /instruments. `last_price` is ignored, because a price is not a property of the contract.
 */
const kite = masterMappingSchema.parse({
  name: 'kite',
  key: ['instrument_token'],
  columns: {
    exchange: 'exchange',
    segment: 'segment',
    tradingsymbol: 'tradingsymbol',
    name: 'name',
    instrumentType: 'instrument_type',
    expiry: 'expiry',
    strike: 'strike',
    tickSize: 'tick_size',
    lotSize: 'lot_size',
  },
  ignore: ['last_price'],
});

/** Kite's GET /mf/instruments. The key is the fund's ISIN, in Kite's column tradingsymbol. */
const kiteMf = masterMappingSchema.parse({
  name: 'kite_mf',
  key: ['tradingsymbol'],
  columns: { tradingsymbol: 'tradingsymbol', name: 'name' },
  constants: { exchange: 'MF', segment: 'MF', instrumentType: 'MF' },
  ignore: ['last_price', 'last_price_date'],
});

/** Upstox' complete.csv. Its `exchange` (NSE_FO, BSE_EQ) is the segment elsewhere. */
const upstox = masterMappingSchema.parse({
  name: 'upstox',
  key: ['instrument_key'],
  columns: {
    exchange: 'exchange',
    segment: 'exchange',
    tradingsymbol: 'tradingsymbol',
    name: 'name',
    instrumentType: 'instrument_type',
    expiry: 'expiry',
    strike: 'strike',
    tickSize: 'tick_size',
    lotSize: 'lot_size',
  },
  ignore: ['last_price'],
});

/** Columns that distinguish a master from others with the same column names. */
const TELLS: Record<string, readonly string[]> = { kite: [], kite_mf: ['amc', 'scheme_type'], upstox: ['option_type'] };
const MASTERS = [kite, kiteMf, upstox];
const OF_BROKER: Record<string, readonly MasterMapping[]> = { zerodha: [kite, kiteMf], upstox: [upstox] };

/**
 * Returns the built-in mapping that fits a CSV header. A broker with built-in masters only matches those. A file of any
 * other broker may match any of them.
 * @throws DomainError INSTRUMENTS_WRONG_HEADER naming the missing columns
 */
export function masterOfHeader(broker: string, header: readonly string[]): MasterMapping {
  const columns = new Set(header.map((column) => column.toLowerCase()));
  const candidates = OF_BROKER[broker] ?? MASTERS;
  const missing = candidates.map((mapping) => ({
    mapping,
    columns: [...requiredColumns(mapping), ...TELLS[mapping.name]!].filter((column) => !columns.has(column)),
  }));
  const fitting = missing.find((candidate) => candidate.columns.length === 0);
  if (fitting) return fitting.mapping;
  const nearest = missing.reduce((best, candidate) =>
    candidate.columns.length < best.columns.length ? candidate : best,
  );
  throw wrongHeader(broker, nearest.mapping.name, nearest.columns, header);
}
