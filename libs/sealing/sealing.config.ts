import { z } from 'zod';
import { Secret } from '#config';

const BYTES = 32;
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

const WHAT = 'a key of 32 bytes, as 64 hexadecimal or 44 base64 characters (try: openssl rand -base64 32)';

/**
 * The 32 bytes of an AES-256 key written as 64 hexadecimal or 43/44 base64 characters.
 * 32 hexadecimal characters are only 128 bits, and a passphrase is not a key: both give `undefined`.
 */
export function keyBytes(written: string): Buffer | undefined {
  const bytes = HEX.test(written)
    ? Buffer.from(written, 'hex')
    : BASE64.test(written)
      ? Buffer.from(written, 'base64url')
      : undefined;
  return bytes?.length === BYTES ? bytes : undefined;
}

/** Whether a key has so few different bytes that it is no random one. Random 32 bytes have about 30 different ones. */
function isRepetitive(written: string): boolean {
  const bytes = keyBytes(written);
  return bytes !== undefined && new Set(bytes).size < 8;
}

/** Setting type: one encryption key, checked at boot. */
export function encryptionKey(): z.ZodType<Secret | undefined> {
  return z
    .string()
    .refine((value) => keyBytes(value) !== undefined, { error: WHAT })
    .refine((value) => !isRepetitive(value), { error: `a random key, not a placeholder: ${WHAT}` })
    .transform((value) => new Secret(value))
    .optional() as unknown as z.ZodType<Secret | undefined>;
}

/** Setting type: earlier keys, comma-separated, newest first. They open values and seal none. */
export function encryptionKeys(): z.ZodType<readonly Secret[]> {
  return z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.every((part) => keyBytes(part) !== undefined), { error: `comma-separated, each ${WHAT}` })
    .transform((parts) => parts.map((part) => new Secret(part))) as unknown as z.ZodType<readonly Secret[]>;
}
