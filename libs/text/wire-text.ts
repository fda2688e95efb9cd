import { z } from 'zod';

/**
 * Text of `min` to `max` code points that PostgreSQL stores and returns unchanged. zod counts an emoji as one, `length` as two.
 * Refuses U+0000, which text and jsonb cannot hold, and half a surrogate pair, which would come back as U+FFFD.
 */
export function wireText(max: number, min = 1): z.ZodString {
  return z
    .string({ error: `text of ${min} to ${max} characters` })
    .min(min, { error: `text of ${min} to ${max} characters` })
    .max(max, { error: `text of ${min} to ${max} characters` })
    .refine((value) => !value.includes('\0'), { error: 'text without U+0000' })
    .refine((value) => value.isWellFormed(), { error: 'well-formed Unicode (half a surrogate pair was found)' });
}

/** A broker's name, the namespace of accounts, keys and quotes, for example `zerodha` or `upstox`. */
export const brokerName = z
  .string({ error: 'a broker name such as "zerodha"' })
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'a broker name: a-z, 0-9, _ or -, starting with a letter, at most 32' });
