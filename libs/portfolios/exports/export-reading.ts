import type { Decimal } from '#decimal';
import type { VenueName } from '#venues';
import type { PositionFacts } from '../valuation/facts.js';

/** Documents of brokers that become snapshots. */
export const EXPORT_FORMATS = [
  'kite',
  'upstox',
  'angel',
  'alpaca',
  'binance-spot',
  'binance-usdm',
  'binance-coinm',
  'ibkr-flex',
  'ibkr-activity',
  'ghostfolio',
  'portfolio-performance',
  'csv',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A position as the documents have it. `symbol` is for people; a snapshot does not keep it. */
export type ReadPosition = PositionFacts & { venue?: VenueName; symbol: string };

/** An amount of one currency. */
export interface CashAmount {
  currency: string;
  amount: string;
}

/** Rows that became no position, and why. */
export interface IgnoredRows {
  rows: string;
  count: number;
}

/** What the documents of one account say. Amounts are decimal strings. */
export interface ExportReading {
  /** Null if the documents do not name it. */
  account: string | null;
  /** In UTC. Null: the documents say no time, so that of their receipt counts. */
  asOf: string | null;
  currency: string;
  /** Null if the documents have no cash. */
  cash: CashAmount[] | null;
  venue?: VenueName;
  dayRoll?: { timeZone: string; at: string };
  /** The broker's own figures, in `currency`. */
  value?: string;
  dayPnl?: string;
  dayFees?: string;
  positions: ReadPosition[];
  /** Rates that the documents use: the price of 1 `base` in `quote`. */
  rates: { base: string; quote: string; price: string }[];
  /** What was understood: each document or table, with its rows. */
  understood: { name: string; rows: number }[];
  ignored: { columns: string[]; rows: IgnoredRows[] };
  /** What a reader of the result should know. */
  notes: string[];
}

/** What a caller says beside the documents. */
export interface ReadOptions {
  /** Time of receipt, in UTC. */
  now: string;
  account?: string | undefined;
  currency?: string | undefined;
  /** Kite: which key positions get. */
  keys?: 'token' | 'symbol' | undefined;
  /** Columns of a CSV by field: `{ quantity: 'Qty' }`. */
  columns?: Record<string, string> | undefined;
  /** How numbers of a CSV are written. Default: by the language of its header, else with a point. */
  decimalMark?: '.' | ',' | undefined;
}

/** Why documents are not read, as data that can leave a thread. */
export interface ExportRefusal {
  message: string;
  /** Document, table or field. */
  field: string;
  seen?: string;
  allowed: string;
}

/** Thrown for documents that are not read. The message says what was looked for and what was found. */
export class ExportRefused extends Error {
  constructor(readonly refusal: ExportRefusal) {
    super(refusal.message);
    this.name = 'ExportRefused';
  }
}

/** Characters of a foreign value in a message. */
const SEEN = 200;

export function refuseExport(field: string, seen: string | undefined, allowed: string, message?: string): never {
  const short = seen === undefined ? undefined : seen.length > SEEN ? `${seen.slice(0, SEEN)}..` : seen;
  throw new ExportRefused({
    message: message ?? `${field}: looked for ${allowed}, found ${short ?? 'nothing'}.`,
    field,
    ...(short === undefined ? {} : { seen: short }),
    allowed,
  });
}

/** Digits of requests after the point. */
const DECIMALS = 18;

/** The digits of a request: at most 18 decimals, no exponent. */
export function digitsOf(amount: Decimal): string {
  return amount.round(DECIMALS).toString();
}

/** A position of amounts that may be unknown. An average or close of 0 is unknown; a multiplier of -1, 0 or 1 says nothing. */
export function readPosition(
  { symbol, key, leg }: { symbol: string; key: string; leg?: string | undefined },
  amounts: {
    quantity: Decimal;
    average?: Decimal | undefined;
    last?: Decimal | undefined;
    close?: Decimal | undefined;
    multiplier?: Decimal | undefined;
  },
  more: Partial<ReadPosition> = {},
): ReadPosition {
  const { quantity, average, last, close, multiplier } = amounts;
  const known = (amount: Decimal | undefined) => amount !== undefined && amount.sign !== 0;
  return {
    symbol,
    key,
    ...(leg === undefined || leg === '' ? {} : { leg }),
    quantity: digitsOf(quantity),
    averagePrice: known(average) ? digitsOf(average!) : null,
    lastPrice: last === undefined ? null : digitsOf(last),
    ...(known(close) ? { previousClose: digitsOf(close!) } : {}),
    ...(multiplier !== undefined && multiplier.sign > 0 && String(multiplier.trimmed()) !== '1'
      ? { multiplier: digitsOf(multiplier) }
      : {}),
    ...more,
  };
}
