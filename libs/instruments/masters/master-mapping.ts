import { z } from 'zod';

const columnName = z.string().min(1).max(100);
const decimalColumn = z.union([
  columnName,
  z.strictObject({
    column: columnName,
    /** Texts that mean "none", e.g. "-1.000000". */
    blank: z.array(z.string()).default([]),
    /** The master counts in hundredths: 10, 100, 1000, ... (exact: only the point moves). */
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
    /** Made of YYYY, YY, MM, MMM (JAN), DD and separators, or `epoch_ms`, `epoch_s`; the first that fits is taken. */
    formats: z.array(z.string().min(1).max(40)).min(1).default(['YYYY-MM-DD']),
    /** Where an epoch is read as a day. */
    utcOffset: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/)
      .default('+05:30'),
  }),
]);

/**
 * How a broker's master is read: which columns are what. Columns that are neither named nor ignored are kept as text in
 * `attributes`. The built-in ones (kite, kite_mf, upstox) are written in it too.
 */
export const masterMappingSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
    format: z.enum(['csv', 'json']).default('csv'),
    /** Found in the header when left out. */
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
    /** The columns that make the broker's key, joined by `keySeparator`. */
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
    /** For what the master does not say, e.g. its only exchange. */
    constants: z
      .strictObject({
        exchange: z.string().min(1).max(32).optional(),
        segment: z.string().max(32).optional(),
        instrumentType: z.string().max(32).optional(),
      })
      .default({}),
    /** Neither stored nor compared: what is no property of the contract, such as a price. */
    ignore: z.array(columnName).default([]),
  })
  .refine((mapping) => mapping.columns.exchange ?? mapping.constants.exchange, {
    error: 'columns.exchange or constants.exchange is needed',
  });

export type MasterMapping = z.output<typeof masterMappingSchema>;

/** The columns a file must have to be read by this mapping. */
export function requiredColumns(mapping: MasterMapping): string[] {
  const named = Object.values(mapping.columns).map((column) => (typeof column === 'string' ? column : column.column));
  return [...new Set([...mapping.key, ...named])];
}
