import { z } from 'zod';
import { Secret } from './secret.js';

/** A whole number from the environment, in [min, max]. */
export function integer(byDefault: number, min: number, max: number): z.ZodType<number> {
  return z.coerce
    .number({ error: `a whole number from ${min} to ${max}` })
    .int({ error: `a whole number from ${min} to ${max}` })
    .min(min, { error: `at least ${min}` })
    .max(max, { error: `at most ${max}` })
    .default(byDefault) as z.ZodType<number>;
}

/** true or false (also 1/0, yes/no, on/off). */
export function flag(byDefault?: boolean): z.ZodType<boolean> {
  const schema = z.stringbool({ error: 'true or false' });
  return (byDefault === undefined ? schema.optional() : schema.default(byDefault)) as unknown as z.ZodType<boolean>;
}

/** Text with a default. */
export function text(byDefault: string): z.ZodType<string> {
  return z.string().default(byDefault) as z.ZodType<string>;
}

/** Text that may be absent. */
export function optionalText(): z.ZodType<string | undefined> {
  return z.string().optional();
}

/** A comma-separated list; blanks are dropped. */
export function list(byDefault: string): z.ZodType<string[]> {
  return z
    .string()
    .default(byDefault)
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    ) as unknown as z.ZodType<string[]>;
}

/** A secret of at least `minBytes` bytes (32 = 256 bits: 32 hexadecimal characters are only 128). */
export function secret(minBytes = 32): z.ZodType<Secret | undefined> {
  return z
    .string()
    .refine((value) => strengthInBytes(value) >= minBytes, {
      error: `at least ${minBytes} bytes of secret (try: openssl rand -base64 ${minBytes})`,
    })
    .transform((value) => new Secret(value))
    .optional() as unknown as z.ZodType<Secret | undefined>;
}

/** Bytes of key material: hexadecimal counts two characters a byte, anything else its UTF-8 length. */
export function strengthInBytes(value: string): number {
  return /^[0-9a-f]+$/i.test(value) && value.length % 2 === 0 ? value.length / 2 : Buffer.byteLength(value);
}
