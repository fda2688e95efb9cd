import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { keyBytes } from './sealing.config.js';
import { keyRefused } from './sealing.errors.js';

/** One AES-256 key with its id and the key of fingerprints derived from it. */
export interface RingKey {
  kid: string;
  bytes: Buffer;
  fingerprintKey: Buffer;
}

/** The key that seals, and every key that still opens. */
export interface KeyRing {
  current: RingKey;
  byKid: ReadonlyMap<string, RingKey>;
}

/**
 * @param current the key that seals from now on
 * @param previous keys that still open; order does not matter
 * @throws DomainError SEALING_KEY_REFUSED for anything but 32 bytes
 */
export function keyRing(current: string, previous: readonly string[] = []): KeyRing {
  const keys = [current, ...previous].map(ringKey);
  return { current: keys[0]!, byKid: new Map(keys.map((key) => [key.kid, key])) };
}

function ringKey(written: string): RingKey {
  const bytes = keyBytes(written);
  if (bytes === undefined) throw keyRefused();
  // The id is made from the key, so that nobody has to number keys; a hash of 256 random bits gives none of them away.
  const kid = createHash('sha256').update('deskwire kid\0').update(bytes).digest().subarray(0, 8).toString('base64url');
  // Separate keys for separate uses: one never serves both GCM and HMAC.
  const fingerprintKey = Buffer.from(hkdfSync('sha256', bytes, '', 'deskwire fingerprint', 32));
  return { kid, bytes, fingerprintKey };
}

export function fingerprintWith(key: RingKey, value: string, context: string): Buffer {
  return createHmac('sha256', key.fingerprintKey).update(`${context.length}:${context}:${value}`).digest();
}
