import { z } from 'zod';

const columnName = z.string().min(1).max(100);
const decimalColumn = z.union([
  columnName,
  z.strictObject({
    column: columnName,
    /** Texts that stand for "no value", e.g. "-1.000000". */
    blank: z.array(z.string()).default([]),
    /**
     * Divisor for masters that count in hundredths: 10, 100, 1000 and so on. Exact, because only the decimal point
     * moves.
     */
    divideBy: z
      .int()
      .refine((value) => /^10*$/.test(String(value)), { error: 'a power of ten' })
      .default(1),
  }),
]);
const dateColumn = z.union([
  columnName,
  z.strictObject({
    column: columnName,
    blank: z.array(z.string()).default([]),
    /** Formats of YYYY, YY, MM, MMM (JAN), DD and separators, or `epoch_ms`, `epoch_s`. The first that fits is used. */
    formats: z.array(z.string().min(1).max(40)).min(1).default(['YYYY-MM-DD']),
    /** Offset at which an epoch is read as a day. */
    utcOffset: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/)
      .default('+05:30'),
  }),
]);

/**
 * Describes how to read a broker's master: the meaning of its columns. Columns that are neither named nor ignored are
 * kept as text in `attributes`. The built-in mappings (kite, kite_mf, upstox) use the same form.
 */
export const masterMappingSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
    format: z.enum(['csv', 'json']).default('csv'),
    /** Detected in the header if omitted. */
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
    /** The columns of the broker's key, joined by `keySeparator`. */
    key: z.array(columnName).min(1).max(4),
    keySeparator: z.string().max(3).default('|'),
    columns: z.strictObject({
      exchange: columnName.optional(),
      segment: columnName.optional(),
      tradingsymbol: columnName,
      name: columnName.optional(),
      instrumentType: columnName.optional(),
      expiry: dateColumn.optional(),
      strike: decimalColumn.optional(),
      tickSize: decimalColumn.optional(),
      lotSize: decimalColumn.optional(),
    }),
    /** Values that the master does not contain, e.g. its only exchange. */
    constants: z
      .strictObject({
        exchange: z.string().min(1).max(32).optional(),
        segment: z.string().max(32).optional(),
        instrumentType: z.string().max(32).optional(),
      })
      .default({}),
    /**
     * Columns that are neither stored nor compared, because they are not properties of the contract. A price is one.
     */
    ignore: z.array(columnName).default([]),
  })
  .refine((mapping) => mapping.columns.exchange ?? mapping.constants.exchange, {
    error: 'columns.exchange or constants.exchange is needed',
  });

export type MasterMapping = z.output<typeof masterMappingSchema>;

/** The columns that a file must have for this mapping. */
export function requiredColumns(mapping: MasterMapping): string[] {
  const named = Object.values(mapping.columns).map((column) => (typeof column === 'string' ? column : column.column));
  return [...new Set([...mapping.key, ...named])];
}
