import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { NONCE_BYTES, readSealed, TAG_BYTES, writeSealed } from './sealed-value.js';
import { fingerprintWith, sealingKeys } from './sealing-keys.js';
import { cannotOpen, keyUnknown } from './sealing.errors.js';

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and a 128-bit tag.
 * One key is safe for 2^32 values: at 1,000 seals per second without a break, rotate it after 49 days.
 */
export interface Sealer {
  /** Ids of the keys, the current one first. An id is part of each value that its key sealed. */
  readonly keyIds: readonly string[];
  /**
   * @param aad identifies the row of the value (table, column, row). Opening it needs the same, so a value cannot be
   * moved.
   * @returns `v1:kid:nonce:ciphertext:tag`
   */
  seal(plaintext: string, aad: string): string;
  /** @throws DomainError SEALING_CANNOT_OPEN when the value was altered, moved or shortened, or its key is unknown */
  open(sealed: string, aad: string): string;
  /** Whether the current key sealed it. If not, it should be rewrapped. */
  isCurrent(sealed: string): boolean;
  /** Seals the same plaintext with the current key, to rotate keys online. Returns `undefined` when it already is. */
  rewrap(sealed: string, aad: string): string | undefined;
  /**
   * HMAC-SHA256 of the value under each key, the current one first. Shows that a value is the same as before without
   * opening anything, also after a rotation.
   */
  fingerprints(value: string, context: string): Buffer[];
}

/**
 * @param current the key that seals, as written in the environment
 * @param previous keys that still open; their order does not matter
 * @throws DomainError SEALING_KEY_REFUSED for anything but 32 bytes
 */
export function createSealer(current: string, previous: readonly string[] = []): Sealer {
  const ring = sealingKeys(current, previous);
  const keys = [ring.current, ...[...ring.byKid.values()].filter((key) => key !== ring.current)];
  const sealer: Sealer = {
    keyIds: keys.map(({ kid }) => kid),
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
      if (sealed !== undefined && key === undefined) throw keyUnknown(sealed.kid, sealer.keyIds);
      if (key === undefined) throw cannotOpen();
      // Without authTagLength Node accepts a tag of 4 bytes: a forgery takes 2^32 tries instead of 2^128.
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
