import { randomBytes } from 'node:crypto';

/** Makes a secret of 256 bits in the form of Standard Webhooks. */
export function newSigningSecret(): string {
  return written(randomBytes(32));
}

/**
 * Returns a configured secret in the form that receivers use. `whsec_` and base64 stay; other text is encoded by its UTF-8 bytes.
 * @throws RangeError unless it is 24 to 64 bytes
 */
export function configuredSigningSecret(secret: string): string {
  const coded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = coded === undefined ? Buffer.from(secret) : Buffer.from(coded, 'base64');
  if (bytes.length < 24 || bytes.length > 64)
    throw new RangeError(`WEBHOOK_SIGNING_SECRET has ${bytes.length} bytes; Standard Webhooks requires 24 to 64.`);
  return written(bytes);
}

/**
 * Returns a secret that a receiver has already, as the libraries of Standard Webhooks read it: base64, after an optional `whsec_`.
 * Undefined unless it is canonical base64 of 24 to 64 bytes.
 */
export function broughtSecret(secret: string): string | undefined {
  const coded = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(coded, 'base64');
  const isCanonical = bytes.toString('base64') === coded;
  return isCanonical && bytes.length >= 24 && bytes.length <= 64 ? written(bytes) : undefined;
}

function written(bytes: Buffer): string {
  return `whsec_${bytes.toString('base64')}`;
}
