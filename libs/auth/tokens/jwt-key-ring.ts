import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.js';
import { EdwardsJwtKey } from './edwards-jwt-key.js';
import type { Expectations, JwtAlgorithm, JwtKey, KeyMaterial } from './jwt-key.js';
import { LibraryJwtKey } from './library-jwt-key.js';

/** A key as the environment gives it: the secret itself for HS256, else PEM (`\n` may be written as two characters). */
export interface KeySource {
  algorithm: JwtAlgorithm;
  key: string;
}

/** The keys a token may be signed with: one that signs, and those that are only still (or already) accepted. */
export class JwtKeyRing {
  readonly signing: JwtKey;
  readonly #byKid = new Map<string, JwtKey>();

  /** @throws Error naming the setting if a key is not one of its algorithm */
  constructor(signing: KeySource, accepted: readonly KeySource[], expected: Expectations) {
    this.signing = open(signing, expected, 'JWT_SECRET_KEY', true);
    for (const [n, source] of accepted.entries()) {
      const key = open(source, expected, `JWT_VERIFY_KEYS[${n}]`, false);
      this.#byKid.set(key.kid, key);
    }
    this.#byKid.set(this.signing.kid, this.signing);
  }

  /**
   * The key a header asks for, if that key is of that algorithm: a header never chooses how a key is used.
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
  // A public key taken for an HMAC secret is algorithm confusion by configuration: everybody knows the secret.
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
    // The cause is left out: OpenSSL may quote the input.
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
