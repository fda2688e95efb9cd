import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JwtAlgorithm, KeyMaterial } from './jwt-key.js';

/** A key as written in the environment: the secret for HS256, otherwise PEM (`\n` may be written as two characters). */
export interface KeySource {
  algorithm: JwtAlgorithm;
  key: string;
}

/**
 * Parses a key. Loads no library, because the command line checks settings with it.
 * @param setting its name, for the error
 * @param signs whether a private key is needed
 * @throws Error naming the setting if the key does not fit its algorithm. Never quotes the key
 */
export function keyMaterial(source: KeySource, setting: string, signs: boolean): KeyMaterial {
  return source.algorithm === 'HS256' ? sharedSecret(source, setting) : keyPair(source, setting, signs);
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
