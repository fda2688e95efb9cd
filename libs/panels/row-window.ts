import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { beside } from './beside.js';

/** Maximum rows of a window. */
const WINDOW_ROWS_MAX = 1_000;
const WINDOW_ROWS = 200;

/** The part of a list that a viewer looks at. */
interface WindowBounds {
  limit: number;
  offset: number;
}

/** Members that the parameters of every panel with rows have. */
export const windowParameters = {
  limit: z
    .int({ error: `a whole number from 1 to ${WINDOW_ROWS_MAX}` })
    .min(1, { error: `a whole number from 1 to ${WINDOW_ROWS_MAX}` })
    .max(WINDOW_ROWS_MAX, { error: `a whole number from 1 to ${WINDOW_ROWS_MAX}` })
    .default(WINDOW_ROWS)
    .describe('Maximum number of rows'),
  offset: z
    .int({ error: 'a whole number from 0 to 1000000' })
    .min(0, { error: 'a whole number from 0 to 1000000' })
    .max(1_000_000, { error: 'a whole number from 0 to 1000000' })
    .default(0)
    .describe('Number of rows to skip'),
};

/**
 * The rows that one viewer sees of a panel, in order. A row that did not change must be the same object as before: its text and its
 * patch are made once for all viewers. Row objects belong to one panel.
 */
export class RowWindow<Row extends object = object> {
  constructor(
    readonly rows: readonly Row[],
    readonly keyOf: (row: Row) => string,
    /** Members of the panel beside `rows` and `order`. */
    readonly rest: Readonly<Record<string, unknown>>,
    /** The text that JSON.stringify gives for a row, if the panel can make it faster. */
    readonly textOf: (row: Row) => string = JSON.stringify,
  ) {}
}

/** Cuts the window out of all rows that the viewer may see, and counts them. */
export function windowOf<Row extends object>(
  all: readonly Row[],
  keyOf: (row: Row) => string,
  { limit, offset }: WindowBounds,
  rest: Readonly<Record<string, unknown>> = {},
  textOf?: (row: Row) => string,
): RowWindow<Row> {
  const rows = offset === 0 && all.length <= limit ? all : all.slice(offset, offset + limit);
  return new RowWindow(rows, keyOf, { total: all.length, ...rest }, textOf);
}

/** The schema of a panel in window form: rows by key, and their order. */
export function windowSchema(row: z.ZodType, rest: Record<string, z.ZodType> = {}) {
  return z.object({
    order: z.array(z.string()).describe('Keys of the rows, in order'),
    rows: z.record(z.string(), row).describe('The rows of the window by key'),
    total: z.int().describe('Number of rows without limit and offset'),
    ...rest,
  });
}

/** Results kept of one list of rows: the parameters are the clients' choice. */
const KEPT_RESULTS = 100;
const made = beside<readonly object[], LRUCache<string, { result: unknown }>>();

/**
 * Returns what `make` gives for these rows, made once for each key. For filters, sorts and sums, which depend on the rows and the
 * parameters only. It is freed together with the rows.
 */
export function onceForRows<T>(rows: readonly object[], key: string, make: () => T): T {
  let byKey = made.get(rows);
  if (byKey === undefined) made.set(rows, (byKey = new LRUCache({ max: KEPT_RESULTS })));
  let known = byKey.get(key);
  if (known === undefined) byKey.set(key, (known = { result: make() }));
  return known.result as T;
}
