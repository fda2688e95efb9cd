import { z } from 'zod';
import { DomainError } from '#errors';

/** Keyset pagination: `limit` 1..500 (default 100) and the opaque `cursor` of the page before. */
export const pageQuery = {
  limit: z.coerce
    .number({ error: 'a whole number from 1 to 500' })
    .int({ error: 'a whole number from 1 to 500' })
    .min(1, { error: 'a whole number from 1 to 500' })
    .max(500, { error: 'a whole number from 1 to 500' })
    .default(100),
  cursor: z.string().max(1000, { error: 'the nextCursor of a page' }).optional(),
};

/** What a list answers: the page and the cursor of the next one, null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** The last row's sort key as an opaque cursor. */
export function encodeCursor(key: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The sort key inside a cursor, checked against the shape that the query needs.
 * @throws DomainError REQUEST_INVALID naming `cursor`
 */
export function decodeCursor<T extends z.ZodType>(cursor: string, shape: T): z.output<T> {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new DomainError('REQUEST_INVALID', 'The cursor is not one that this list gave out.', {
      kind: 'invalid',
      errors: [{ field: 'cursor', seen: cursor.slice(0, 60), allowed: 'the nextCursor of a page of the same list' }],
      cause,
    });
  }
}
