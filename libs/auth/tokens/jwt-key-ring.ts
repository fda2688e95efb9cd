import { Refusal } from '../refusal.js';
import { EdwardsJwtKey } from './edwards-jwt-key.js';
import type { Expectations, JwtKey } from './jwt-key.js';
import { keyMaterial, type KeySource } from './key-material.js';
import { LibraryJwtKey } from './library-jwt-key.js';

/** The keys of access tokens: one that signs, and others that are still or already accepted. */
export class JwtKeyRing {
  readonly signing: JwtKey;
  readonly #byKid = new Map<string, JwtKey>();

  /** @throws Error naming the setting if a key does not fit its algorithm */
  constructor(signing: KeySource, accepted: readonly KeySource[], expected: Expectations) {
    this.signing = open(signing, expected, 'JWT_SECRET_KEY', true);
    for (const [n, source] of accepted.entries()) {
      const key = open(source, expected, `JWT_VERIFY_KEYS[${n}]`, false);
      this.#byKid.set(key.kid, key);
    }
    this.#byKid.set(this.signing.kid, this.signing);
  }

  /**
   * The key that a token header names, if it has the algorithm that the header names. A header never chooses how a key is used.
   * @throws Refusal
   */
  keyFor(algorithm: string, kid: string | undefined): JwtKey {
    const key = kid === undefined ? this.signing : this.#byKid.get(kid);
    if (key === undefined) throw new Refusal('key_unknown');
    if (key.algorithm !== algorithm) throw new Refusal('algorithm');
    return key;
  }
}

function open(source: KeySource, expected: Expectations, setting: string, signs: boolean): JwtKey {
  const material = keyMaterial(source, setting, signs);
  return source.algorithm === 'EdDSA' ? new EdwardsJwtKey(material, expected) : new LibraryJwtKey(material, expected);
}
