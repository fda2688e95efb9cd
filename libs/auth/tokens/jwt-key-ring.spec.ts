import { generateKeyPairSync } from 'node:crypto';
import { JwtKeyRing } from './jwt-key-ring.js';
import type { JwtAlgorithm } from './jwt-key.js';

const EXPECTED = { issuer: 'deskwire', audience: 'deskwire' };
const ring = (algorithm: JwtAlgorithm, key: string): JwtKeyRing => new JwtKeyRing({ algorithm, key }, [], EXPECTED);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

describe('the key ring', () => {
  it('the key ring refuses a PEM key as a shared secret', () => {
    expect(() => ring('HS256', publicPem)).toThrow(/JWT_SECRET_KEY is a PEM key/);
  });

  it('the key ring refuses to sign with a public key', () => {
    expect(() => ring('RS256', publicPem)).toThrow(/must be a PEM private key/);
  });

  it('the key ring accepts a PEM key whose line feeds are written as two characters', () => {
    expect(ring('RS256', privatePem.replaceAll('\n', '\\n')).signing.kid).toBe(ring('RS256', privatePem).signing.kid);
  });

  it('the key ring refuses keys of another kind and weak keys', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    expect(() => ring('RS256', weak)).toThrow(/2048/);
    expect(() => ring('ES256', privatePem)).toThrow(/not a key for ES256/);
    expect(() => ring('EdDSA', privatePem)).toThrow(/not a key for EdDSA/);
  });

  it('the key ring never quotes a key in an error', () => {
    expect(() => ring('RS256', 'hush hush hush hush hush hush hush')).toThrow(/^(?!.*hush)/);
  });

  it('the key ring verifies with a public key alone, under the same kid as its private half', () => {
    const verifier = new JwtKeyRing(
      { algorithm: 'HS256', key: 'x'.repeat(32) },
      [{ algorithm: 'RS256', key: publicPem }],
      EXPECTED,
    );
    expect(verifier.keyFor('RS256', ring('RS256', privatePem).signing.kid).algorithm).toBe('RS256');
  });
});
