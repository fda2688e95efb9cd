import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createSealer, keyRing } from './index.js';

const written = (): string => randomBytes(32).toString('base64');
const AAD = JSON.stringify(['trading_sessions', 'user', 'zerodha', 'AB1234']);
const refused = expect.objectContaining({ code: 'SEALING_CANNOT_OPEN' });

describe('a sealed value', () => {
  const sealer = createSealer(keyRing(written()));

  it.each(['', 'a', 'token', 'ключ 🔑 \u0000 \r\n', 'x'.repeat(100_000)])(
    'opens to what was sealed (%#)',
    (plaintext) => {
      expect(sealer.open(sealer.seal(plaintext, AAD), AAD)).toBe(plaintext);
    },
  );

  it('reads v1:kid:nonce:ciphertext:tag and holds nothing of the plaintext', () => {
    const sealed = sealer.seal('correct horse battery staple', AAD);
    expect(sealed).toMatch(/^v1:[\w-]{11}:[\w-]{16}:[\w-]+:[\w-]{22}$/);
    expect(Buffer.from(sealed.split(':')[3]!, 'base64url').includes('horse')).toBe(false);
  });

  it('differs each time, so that equal tokens cannot be told from the table', () => {
    const seals = new Set(Array.from({ length: 1000 }, () => sealer.seal('token', AAD)));
    expect(seals.size).toBe(1000);
  });

  it('does not open when any single character is altered', () => {
    const sealed = sealer.seal('token-1234', AAD);
    for (let at = 0; at < sealed.length; at += 1) {
      for (const other of ['A', 'B', '_', ':', '=', ' ', '\n']) {
        if (sealed[at] === other) continue;
        const altered = sealed.slice(0, at) + other + sealed.slice(at + 1);
        expect(() => sealer.open(altered, AAD)).toThrow(refused);
      }
    }
  });

  it('does not open with any of its bits flipped', () => {
    const parts = sealer.seal('token-1234', AAD).split(':');
    for (const part of [2, 3, 4]) {
      const bytes = Buffer.from(parts[part]!, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const altered = parts.with(part, flipped.toString('base64url')).join(':');
        expect(() => sealer.open(altered, AAD)).toThrow(refused);
      }
    }
  });

  it('does not open under other associated data: it cannot be moved to another row', () => {
    const sealed = sealer.seal('token', AAD);
    for (const other of ['', `${AAD} `, AAD.slice(1), AAD.replace('AB1234', 'AB1235')]) {
      expect(() => sealer.open(sealed, other)).toThrow(refused);
    }
  });

  it.each([0, 1, 4, 8, 12, 13, 14, 15, 17, 32])('does not open with a tag of %i bytes', (length) => {
    const parts = sealer.seal('token', AAD).split(':');
    const tag = Buffer.concat([Buffer.from(parts[4]!, 'base64url'), Buffer.alloc(32)]).subarray(0, length);
    expect(() => sealer.open(parts.with(4, tag.toString('base64url')).join(':'), AAD)).toThrow(refused);
  });

  it.each([0, 8, 11, 13, 16])('does not open with a nonce of %i bytes', (length) => {
    const parts = sealer.seal('token', AAD).split(':');
    expect(() => sealer.open(parts.with(2, randomBytes(length).toString('base64url')).join(':'), AAD)).toThrow(refused);
  });

  it.each(['', 'token', 'v1', 'v1::::', 'v2:a:b:c:d', 'v1:a:b:c:d:e'])('is not %j', (text) => {
    expect(() => sealer.open(text, AAD)).toThrow(refused);
  });

  it('does not open by the second spelling of its own base64', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sealed = sealer.seal('token', AAD); // the tag's last character carries 4 unused bits
    const last = alphabet.indexOf(sealed.at(-1)!);
    expect(() => sealer.open(sealed.slice(0, -1) + alphabet[last ^ 1]!, AAD)).toThrow(refused);
  });

  it('says nothing of its content when refused', () => {
    const sealed = sealer.seal('very-secret-token', AAD);
    try {
      sealer.open(sealed, 'elsewhere');
      throw new Error('opened');
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/very-secret|zerodha/);
    }
  });
});

describe('node:crypto alone (negative control)', () => {
  it('accepts a 4-byte tag when authTagLength is left out', () => {
    const key = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const ciphertext = Buffer.concat([cipher.update('token'), cipher.final()]);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAuthTag(cipher.getAuthTag().subarray(0, 4));
    expect(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString()).toBe('token');
  });
});

describe('a key ring', () => {
  it('opens what an earlier key sealed, seals with the current one, and rewraps', () => {
    const [old, now] = [written(), written()] as const;
    const before = createSealer(keyRing(old)).seal('token', AAD);
    const sealer = createSealer(keyRing(now, [old]));
    expect(sealer.open(before, AAD)).toBe('token');
    expect(sealer.isCurrent(before)).toBe(false);
    const after = sealer.rewrap(before, AAD)!;
    expect(sealer.isCurrent(after)).toBe(true);
    expect(sealer.rewrap(after, AAD)).toBeUndefined();
    expect(createSealer(keyRing(now)).open(after, AAD)).toBe('token');
    expect(() => createSealer(keyRing(now)).open(before, AAD)).toThrow(refused);
  });

  it('tells the same value again after a rotation, and never across contexts', () => {
    const [old, now] = [written(), written()] as const;
    const [before] = createSealer(keyRing(old)).fingerprints('token', AAD);
    const rotated = createSealer(keyRing(now, [old])).fingerprints('token', AAD);
    expect(rotated[0]!.equals(before!)).toBe(false);
    expect(rotated[1]!.equals(before!)).toBe(true);
    const other = createSealer(keyRing(now, [old])).fingerprints('token', `${AAD}2`);
    expect(other.some((fingerprint) => fingerprint.equals(before!))).toBe(false);
  });

  it('takes hexadecimal and base64, and gives one key one id', () => {
    const bytes = randomBytes(32);
    const kids = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')].map(
      (k) => keyRing(k).current.kid,
    );
    expect(new Set(kids).size).toBe(1);
  });

  it.each([
    ['128 bits in hexadecimal', randomBytes(16).toString('hex')],
    ['128 bits in base64', randomBytes(16).toString('base64')],
    ['31 bytes', randomBytes(31).toString('hex')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['a passphrase of 32 characters', 'correct horse battery staple 123'],
    ['nothing', ''],
  ])('refuses %s', (_what, key) => {
    expect(() => keyRing(key)).toThrow(expect.objectContaining({ code: 'SEALING_KEY_REFUSED' }));
    expect(() => keyRing(written(), [key])).toThrow(expect.objectContaining({ code: 'SEALING_KEY_REFUSED' }));
  });
});
