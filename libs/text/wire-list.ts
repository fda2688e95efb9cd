import { z } from 'zod';

/** Maximum number of values of one query parameter. */
const MAX_VALUES = 50;

/**
 * A query parameter with one value or several: `severity=critical&severity=warning`. A handler gets a list without
 * repetitions.
 * @param item schema of one value
 */
export function wireList<Item extends z.ZodType>(item: Item, max = MAX_VALUES) {
  return z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    z
      .array(item)
      .min(1)
      .max(max, { error: `at most ${max} values` })
      .transform((values) => [...new Set(values)]),
  );
}

/** A query parameter that is true or false. A handler gets a boolean. */
export const wireFlag = z
  .enum(['true', 'false'], { error: 'true or false' })
  .transform((value) => value === 'true')
  .optional();
