import type { ExportFormat, ExportReading, ReadOptions } from './export-reading.js';
import readBrokerExport from './read-broker-export.js';

export const NOW = '2026-11-25T12:00:00.000Z';

/** Documents by name: objects are JSON. */
export type Documents = Record<string, unknown>;

const bytesOf = (content: unknown): Uint8Array =>
  content instanceof Uint8Array
    ? content
    : new Uint8Array(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));

function result(format: ExportFormat, documents: Documents, options: Partial<ReadOptions>) {
  const files = Object.entries(documents).map(([name, content]) => ({ name, bytes: bytesOf(content) }));
  return readBrokerExport({ format, files, options: { now: NOW, ...options } });
}

/** What documents say. Throws their refusal. */
export function readDocuments(
  format: ExportFormat,
  documents: Documents,
  options: Partial<ReadOptions> = {},
): ExportReading {
  const read = result(format, documents, options);
  if ('refused' in read) throw new Error(read.refused.message);
  return read;
}

/** Why documents are refused. */
export function refusalOf(format: ExportFormat, documents: Documents, options: Partial<ReadOptions> = {}): string {
  const read = result(format, documents, options);
  return 'refused' in read ? read.refused.message : 'read';
}

/** A position as Kite's `net` has it. */
export const kiteRow = (symbol: string, more: object = {}) => ({
  tradingsymbol: symbol,
  exchange: 'NSE',
  instrument_token: 1,
  product: 'CNC',
  quantity: 0,
  overnight_quantity: 0,
  multiplier: 1,
  average_price: 0,
  close_price: 100,
  last_price: 101,
  day_buy_quantity: 0,
  day_buy_value: 0,
  day_sell_quantity: 0,
  day_sell_value: 0,
  ...more,
});

/** A holding as Kite has it. */
export const kiteHolding = (symbol: string, quantity: number, more: object = {}) => ({
  tradingsymbol: symbol,
  exchange: 'NSE',
  instrument_token: 1,
  quantity,
  t1_quantity: 0,
  opening_quantity: quantity,
  average_price: 90,
  close_price: 100,
  last_price: 101,
  ...more,
});
