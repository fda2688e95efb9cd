import { z } from 'zod';

/** Maximum number of rows of a page. */
export const MAX_PAGE = 500;
const LIMIT = { error: `a whole number from 1 to ${MAX_PAGE}` };

/** A search may end at a symbol of 1,000 characters. */
const MAX_CURSOR_LENGTH = 8_192;

const CURSOR = { error: 'the nextCursor of a page of the same list' };

/** A page of a list, with the cursor of the next page; null on the last. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The field by which `exportLists` knows a list: routes may have another `format`. */
export const listFormat = z
  .enum(['json', 'csv'], { error: 'json or csv' })
  .optional()
  .describe('csv: all rows from the cursor on, as CSV with a header, whatever `limit` says');

/** Query of a short list, which is answered whole: `format`. */
export function pageQuery(): { format: typeof listFormat };
/**
 * Query of a list that is paged by key: `limit` (1 to 500, default 100), `cursor`, and `format`. Handlers get no `format`:
 * `exportLists` reads it.
 * @param key the sort key of a row, e.g. `z.uuid()`; a valid `cursor` arrives as the key of the last row of the
 * previous page
 */
export function pageQuery<Key extends z.ZodType>(key: Key): PageQuery<Key>;
export function pageQuery(key?: z.ZodType) {
  return key === undefined ? { format: listFormat } : pagesBy(key);
}
type PageQuery<Key extends z.ZodType> = ReturnType<typeof pagesBy<Key>>;

function pagesBy<Key extends z.ZodType>(key: Key) {
  return {
    format: listFormat,
    limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_PAGE, LIMIT).default(100),
    cursor: z
      .string(CURSOR)
      .max(MAX_CURSOR_LENGTH, CURSOR)
      .transform((cursor, context): z.output<Key> => {
        const decoded = key.safeParse(decode(cursor));
        if (decoded.success) return decoded.data;
        context.issues.push({ code: 'custom', message: CURSOR.error, input: cursor });
        return z.NEVER;
      })
      .optional(),
  };
}

/** Answer of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Builds a page from the rows of a query.
 * @param rows up to `limit + 1` rows: an extra row means that there is another page
 * @param keyOf the sort key of a row, as `pageQuery` reads it back
 * @param viewOf the view of a row. Default: the row itself
 */
export function pageFrom<Row, Item = Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string | readonly string[],
  viewOf: (row: Row) => Item = (row) => row as unknown as Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(viewOf), nextCursor: last === undefined ? null : encode(keyOf(last)) };
}

function encode(key: string | readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @returns undefined for text that `encode` cannot have made */
function decode(cursor: string): unknown {
  // Node skips characters that are not base64url; what `encode` made has none.
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
