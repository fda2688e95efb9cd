import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fingerprintWith, type KeyRing } from './key-ring.js';
import { NONCE_BYTES, readSealed, TAG_BYTES, writeSealed } from './sealed-value.js';
import { cannotOpen } from './sealing.errors.js';

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and a 128-bit tag.
 * Good for 2^32 values a key; a desk that seals 1,000 a second rotates after 49 days of nothing else.
 */
export interface Sealer {
  /**
   * @param aad what the value belongs to (table, column, row); the same is needed to open it, so that it cannot be moved
   * @returns `v1:kid:nonce:ciphertext:tag`
   */
  seal(plaintext: string, aad: string): string;
  /** @throws DomainError SEALING_CANNOT_OPEN when altered, moved, shortened, or its key is not in the ring */
  open(sealed: string, aad: string): string;
  /** False when another key than the current one sealed it: it waits to be rewrapped. */
  isCurrent(sealed: string): boolean;
  /** The same plaintext under the current key; `undefined` when it already is. The way of an online rotation. */
  rewrap(sealed: string, aad: string): string | undefined;
  /**
   * HMAC-SHA256 of the value under each key of the ring, the current one first: tells "the same again" without
   * opening anything, also after a rotation.
   */
  fingerprints(value: string, context: string): Buffer[];
}

export function createSealer(ring: KeyRing): Sealer {
  const keys = [ring.current, ...[...ring.byKid.values()].filter((key) => key !== ring.current)];
  const sealer: Sealer = {
    seal(plaintext, aad) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', ring.current.bytes, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(aad));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return writeSealed({ kid: ring.current.kid, nonce, ciphertext, tag: cipher.getAuthTag() });
    },
    open(text, aad) {
      const sealed = readSealed(text);
      const key = sealed && ring.byKid.get(sealed.kid);
      if (key === undefined) throw cannotOpen(sealed?.kid);
      // authTagLength: without it node accepts a tag of 4 bytes, a forgery in 2^32 tries instead of 2^128.
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed!.nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(aad));
      decipher.setAuthTag(sealed!.tag);
      try {
        return decipher.update(sealed!.ciphertext, undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw cannotOpen(key.kid);
      }
    },
    isCurrent: (text) => readSealed(text)?.kid === ring.current.kid,
    rewrap: (text, aad) => (sealer.isCurrent(text) ? undefined : sealer.seal(sealer.open(text, aad), aad)),
    fingerprints: (value, context) => keys.map((key) => fingerprintWith(key, value, context)),
  };
  return sealer;
}
