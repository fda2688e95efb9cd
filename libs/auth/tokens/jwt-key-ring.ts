import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.js';
import { EdwardsJwtKey } from './edwards-jwt-key.js';
import type { Expectations, JwtAlgorithm, JwtKey, KeyMaterial } from './jwt-key.js';
import { LibraryJwtKey } from './library-jwt-key.js';

/** A key as written in the environment: the secret for HS256, otherwise PEM (`\n` may be written as two characters). */
export interface KeySource {
  algorithm: JwtAlgorithm;
  key: string;
}

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
  const material = source.algorithm === 'HS256' ? sharedSecret(source, setting) : keyPair(source, setting, signs);
  return source.algorithm === 'EdDSA' ? new EdwardsJwtKey(material, expected) : new LibraryJwtKey(material, expected);
}

function sharedSecret({ algorithm, key }: KeySource, setting: string): KeyMaterial {
  // A public key used as an HMAC secret would be known to everybody (algorithm confusion).
  if (key.includes('-----BEGIN')) {
    throw new Error(
      `${setting} is a PEM key, which is not a secret for HS256. Set JWT_ALGORITHM to RS256, ES256 or EdDSA.`,
    );
  }
  const kid = createHmac('sha256', key).update('deskwire kid').digest('base64url').slice(0, 16);
  return { kid, algorithm, verifyWith: key, signWith: key };
}

function keyPair({ algorithm, key }: KeySource, setting: string, signs: boolean): KeyMaterial {
  const pem = key.replaceAll('\\n', '\n');
  let publicKey: KeyObject;
  let privateKey: KeyObject | undefined;
  try {
    privateKey = signs ? createPrivateKey(pem) : undefined;
    publicKey = createPublicKey(pem);
  } catch {
    // Without the cause, because OpenSSL may quote the input.
    throw new Error(`${setting} must be a PEM ${signs ? 'private' : 'public or private'} key for ${algorithm}.`);
  }
  if (!fits(publicKey, algorithm)) {
    throw new Error(
      `${setting} is not a key for ${algorithm} (RS256: RSA of 2048 bits or more, ES256: P-256, EdDSA: Ed25519).`,
    );
  }
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const kid = createHash('sha256').update(der).digest('base64url').slice(0, 16);
  return { kid, algorithm, verifyWith: publicKey, signWith: privateKey };
}

function fits(key: KeyObject, algorithm: JwtAlgorithm): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (algorithm === 'RS256') return type === 'rsa' && (details?.modulusLength ?? 0) >= 2048;
  if (algorithm === 'ES256') return type === 'ec' && details?.namedCurve === 'prime256v1';
  return type === 'ed25519';
}
