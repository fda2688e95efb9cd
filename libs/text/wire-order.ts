import { z } from 'zod';

/** A field, or with a minus in front the same in descending order. */
export type Order<Field extends string> = Field | `-${Field}`;

/** Where a page ended: its order, the value of the order's field and the id of its last row. */
export type OrderKey = [order: string, value: string, id: string];

/**
 * The choice of the order of a list: `sort`, the key of its cursor, and the check that a cursor is of the order asked for.
 *
 * `z.strictObject({ sort: by.sort, ...pageQuery(by.key(z.uuid())) }).refine(...by.sameOrder)`
 * @param fields what the list can be sorted by, each with the schema of its values in a cursor; `BY_ID` if ids have that order
 * @param initial the order without `sort`
 * @param more what a refusal adds to the names of the orders
 */
export function wireOrder<Field extends string>(
  fields: Readonly<Record<Field, z.ZodType<string>>>,
  initial: Order<NoInfer<Field>>,
  more = '',
) {
  const orders = (Object.keys(fields) as Field[]).flatMap((field): Order<Field>[] => [field, `-${field}`]);
  const allowed = z.enum(orders, { error: `one of ${orders.join(', ')}${more}` });
  const isOfField = ([order, value]: readonly [Order<Field>, string, string]) =>
    fields[fieldOf(order)].safeParse(value).success;
  return {
    sort: allowed.default(initial as never).describe('- for descending'),
    key: (id: z.ZodType<string>): z.ZodType<OrderKey> =>
      z.tuple([allowed, z.string(), id]).refine((key) => isOfField(key as [Order<Field>, string, string])) as never,
    /** A cursor that was refused already is a text. */
    sameOrder: [
      ({ sort, cursor }: { sort: string; cursor?: OrderKey | undefined }) =>
        !Array.isArray(cursor) || cursor[0] === sort,
      { path: ['cursor'], error: 'the nextCursor of a page of the same order' },
    ] satisfies [unknown, { path: PropertyKey[]; error: string }],
    /** The key of a row. @param valueOf value of a field, as text */
    keyOf: (sort: Order<Field>, id: string, valueOf: Readonly<Record<Field, string>>): OrderKey => [
      sort,
      valueOf[fieldOf(sort)],
      id,
    ],
  };
}

/** The value of a cursor if rows of that order are ordered by their ids. */
export const BY_ID = z.literal('');

function fieldOf<Field extends string>(order: Order<Field>): Field {
  return order.replace(/^-/, '') as Field;
}
