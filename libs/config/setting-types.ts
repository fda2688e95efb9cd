import { z } from 'zod';
import { Secret } from './secret.js';
import { DURATION, quantity, SIZE } from './units.js';

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

/** Text; undefined without a default. */
export function text(): z.ZodType<string | undefined>;
export function text(byDefault: string): z.ZodType<string>;
export function text(byDefault?: string): z.ZodType<string | undefined> {
  return byDefault === undefined ? z.string().optional() : (z.string().default(byDefault) as z.ZodType<string>);
}

/** A duration written as `500ms`, `30s`, `15m`, `12h` or `30d`, in [min, max]; the code gets milliseconds. */
export function duration(byDefault: string, min: string, max: string): z.ZodType<number> {
  return quantity(DURATION, byDefault, min, max);
}

/** A size written as `512KiB`, `64MiB` or `1GiB`, in [min, max]; the code gets bytes. */
export function size(byDefault: string, min: string, max: string): z.ZodType<number> {
  return quantity(SIZE, byDefault, min, max);
}

/** A comma-separated list; empty parts are dropped. */
export function list(byDefault = ''): z.ZodType<string[]> {
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

/** Shorter values are names, foreign tokens and URLs, whose text the operator does not choose. */
const GUESSABLE_BELOW = 16;

/** Words of examples, which are the first that an attacker tries. Random base64 has one of them less than once in 10 million keys. */
const PLACEHOLDER =
  /change.?(me|this|it)|replace.?(me|this)|your.?(own.?)?(secret|key|token|pass)|super.?secret|secret.?key|example|placeholder|insert.?here|password|passw0rd|123456|qwerty|^<.*>$/i;

/** Whether a secret is the text of an example, or of so few different characters that it is no secret. */
function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value) || new Set(value).size < 8;
}

/** A secret of at least `minBytes` bytes. Two hexadecimal characters count as one byte. */
export function secret(minBytes = 32): z.ZodType<Secret | undefined> {
  return z
    .string()
    .refine((value) => strengthInBytes(value) >= minBytes, {
      error: `at least ${minBytes} bytes of secret (try: openssl rand -base64 ${minBytes})`,
    })
    .refine((value) => minBytes < GUESSABLE_BELOW || !isPlaceholder(value), {
      error: `a random secret, not a placeholder (try: openssl rand -base64 ${minBytes})`,
    })
    .transform((value) => new Secret(value))
    .optional() as unknown as z.ZodType<Secret | undefined>;
}

/** Bytes of key material: half the length of hexadecimal text, else the length in UTF-8. */
export function strengthInBytes(value: string): number {
  return /^[0-9a-f]+$/i.test(value) && value.length % 2 === 0 ? value.length / 2 : Buffer.byteLength(value);
}
