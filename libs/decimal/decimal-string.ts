import { z } from 'zod';

/** numeric(38, 12) in PostgreSQL: 26 digits before the point, 12 after. */
const DECIMAL = /^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,12})?$/;

/** Money, price or quantity on the wire: a decimal string, never a JSON number (a double cannot hold 0.1). */
export const decimalString = z
  .string({ error: 'a decimal string such as "1234.50" (a string, not a number)' })
  .regex(DECIMAL, { error: 'a decimal string such as "1234.50": at most 26 digits, a point and 12 digits' });

/** A decimal string that is not negative. */
export const nonNegativeDecimal = decimalString.refine((value) => !value.startsWith('-'), {
  error: 'a decimal string that is not negative, such as "1234.50"',
});
