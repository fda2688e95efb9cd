import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createSealer } from './index.js';
import { sealingKeys } from './sealing-keys.js';

const written = (): string => randomBytes(32).toString('base64');
const AAD = JSON.stringify(['trading_sessions', 'user', 'zerodha', 'AB1234']);
const refused = expect.objectContaining({ code: 'SEALING_CANNOT_OPEN' });

describe('a sealed value', () => {
  const sealer = createSealer(written());

  it.each(['', 'a', 'token', 'ключ 🔑 \u0000 \r\n', 'x'.repeat(100_000)])(
    'a sealed value opens to the plaintext that was sealed (%#)',
    (plaintext) => {
      expect(sealer.open(sealer.seal(plaintext, AAD), AAD)).toBe(plaintext);
    },
  );

  it('a sealed value has the form v1:kid:nonce:ciphertext:tag and does not contain the plaintext', () => {
    const sealed = sealer.seal('correct horse battery staple', AAD);
    expect(sealed).toMatch(/^v1:[\w-]{11}:[\w-]{16}:[\w-]+:[\w-]{22}$/);
    expect(Buffer.from(sealed.split(':')[3]!, 'base64url').includes('horse')).toBe(false);
  });

  it('a sealed value differs each time, so equal tokens cannot be recognised in the table', () => {
    const seals = new Set(Array.from({ length: 1000 }, () => sealer.seal('token', AAD)));
    expect(seals.size).toBe(1000);
  });

  it('a sealed value does not open when any single character is altered', () => {
    const sealed = sealer.seal('token-1234', AAD);
    for (let at = 0; at < sealed.length; at += 1) {
      for (const other of ['A', 'B', '_', ':', '=', ' ', '\n']) {
        if (sealed[at] === other) continue;
        const altered = sealed.slice(0, at) + other + sealed.slice(at + 1);
        expect(() => sealer.open(altered, AAD)).toThrow(refused);
      }
    }
  });

  it('a sealed value does not open with any of its bits flipped', () => {
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

  it('a sealed value does not open with other associated data, so it cannot be moved to another row', () => {
    const sealed = sealer.seal('token', AAD);
    for (const other of ['', `${AAD} `, AAD.slice(1), AAD.replace('AB1234', 'AB1235')]) {
      expect(() => sealer.open(sealed, other)).toThrow(refused);
    }
  });

  it.each([0, 1, 4, 8, 12, 13, 14, 15, 17, 32])('a sealed value does not open with a tag of %i bytes', (length) => {
    const parts = sealer.seal('token', AAD).split(':');
    const tag = Buffer.concat([Buffer.from(parts[4]!, 'base64url'), Buffer.alloc(32)]).subarray(0, length);
    expect(() => sealer.open(parts.with(4, tag.toString('base64url')).join(':'), AAD)).toThrow(refused);
  });

  it.each([0, 8, 11, 13, 16])('a sealed value does not open with a nonce of %i bytes', (length) => {
    const parts = sealer.seal('token', AAD).split(':');
    expect(() => sealer.open(parts.with(2, randomBytes(length).toString('base64url')).join(':'), AAD)).toThrow(refused);
  });

  it.each(['', 'token', 'v1', 'v1::::', 'v2:a:b:c:d', 'v1:a:b:c:d:e'])('a sealed value is never %j', (text) => {
    expect(() => sealer.open(text, AAD)).toThrow(refused);
  });

  it('a sealed value does not open when its own base64 is written in another way', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sealed = sealer.seal('token', AAD); // the tag's last character carries 4 unused bits
    const last = alphabet.indexOf(sealed.at(-1)!);
    expect(() => sealer.open(sealed.slice(0, -1) + alphabet[last ^ 1]!, AAD)).toThrow(refused);
  });

  it('a sealed value reveals none of its content in the error when it does not open', () => {
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
  it('node:crypto accepts a 4-byte tag when authTagLength is left out', () => {
    const key = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const ciphertext = Buffer.concat([cipher.update('token'), cipher.final()]);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAuthTag(cipher.getAuthTag().subarray(0, 4));
    expect(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString()).toBe('token');
  });
});

describe('a sealer with several keys', () => {
  it('a sealer opens values of an earlier key, seals with the current one, and rewraps', () => {
    const [old, now] = [written(), written()] as const;
    const before = createSealer(old).seal('token', AAD);
    const sealer = createSealer(now, [old]);
    expect(sealer.open(before, AAD)).toBe('token');
    expect(sealer.isCurrent(before)).toBe(false);
    const after = sealer.rewrap(before, AAD)!;
    expect(sealer.isCurrent(after)).toBe(true);
    expect(sealer.rewrap(after, AAD)).toBeUndefined();
    expect(createSealer(now).open(after, AAD)).toBe('token');
    expect(() => createSealer(now).open(before, AAD)).toThrow(refused);
  });

  it('a sealer recognises the same value after a rotation, but not in another context', () => {
    const [old, now] = [written(), written()] as const;
    const [before] = createSealer(old).fingerprints('token', AAD);
    const rotated = createSealer(now, [old]).fingerprints('token', AAD);
    expect(rotated[0]!.equals(before!)).toBe(false);
    expect(rotated[1]!.equals(before!)).toBe(true);
    const other = createSealer(now, [old]).fingerprints('token', `${AAD}2`);
    expect(other.some((fingerprint) => fingerprint.equals(before!))).toBe(false);
  });

  it('a sealer accepts a key in hexadecimal and base64, and gives it one id', () => {
    const bytes = randomBytes(32);
    const kids = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')].map(
      (key) => sealingKeys(key, []).current.kid,
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
  ])('a sealer refuses %s as a key', (_what, key) => {
    expect(() => createSealer(key)).toThrow(expect.objectContaining({ code: 'SEALING_KEY_REFUSED' }));
    expect(() => createSealer(written(), [key])).toThrow(expect.objectContaining({ code: 'SEALING_KEY_REFUSED' }));
  });
});
