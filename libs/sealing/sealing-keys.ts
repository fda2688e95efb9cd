import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { keyBytes } from './sealing.config.js';
import { keyRefused } from './sealing.errors.js';

/** One AES-256 key with its id and the key of fingerprints derived from it. */
export interface SealingKey {
  kid: string;
  bytes: Buffer;
  fingerprintKey: Buffer;
}

/** The key that seals, and every key that still opens. */
export interface SealingKeys {
  current: SealingKey;
  byKid: ReadonlyMap<string, SealingKey>;
}

/** @throws DomainError SEALING_KEY_REFUSED for anything but 32 bytes */
export function sealingKeys(current: string, previous: readonly string[]): SealingKeys {
  const keys = [current, ...previous].map(sealingKey);
  return { current: keys[0]!, byKid: new Map(keys.map((key) => [key.kid, key])) };
}

function sealingKey(written: string): SealingKey {
  const bytes = keyBytes(written);
  if (bytes === undefined) throw keyRefused();
  // The id is derived from the key, so keys need no numbers. A hash of 256 random bits reveals nothing of them.
  const kid = createHash('sha256').update('deskwire kid\0').update(bytes).digest().subarray(0, 8).toString('base64url');
  // Separate keys for separate uses: one never serves both GCM and HMAC.
  const fingerprintKey = Buffer.from(hkdfSync('sha256', bytes, '', 'deskwire fingerprint', 32));
  return { kid, bytes, fingerprintKey };
}

export function fingerprintWith(key: SealingKey, value: string, context: string): Buffer {
  return createHmac('sha256', key.fingerprintKey).update(`${context.length}:${context}:${value}`).digest();
}
