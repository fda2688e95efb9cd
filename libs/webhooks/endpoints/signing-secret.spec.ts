import { broughtSecret, configuredSigningSecret, newSigningSecret } from './signing-secret.js';

describe('a signing secret', () => {
  it('a signing secret is 256 random bits in the form of Standard Webhooks', () => {
    const made = new Set(Array.from({ length: 1_000 }, newSigningSecret));
    expect(made.size).toBe(1_000);
    for (const secret of made) expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  });

  it('a signing secret can be configured as whsec_.. or as text, whose bytes are used', () => {
    const coded = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    expect(configuredSigningSecret(coded)).toBe(coded);
    expect(configuredSigningSecret('a passphrase of 32 characters :-)')).toBe(
      `whsec_${Buffer.from('a passphrase of 32 characters :-)').toString('base64')}`,
    );
  });

  it('a signing secret that a receiver has is taken as its library reads it, with or without the prefix', () => {
    const coded = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect([broughtSecret(coded), broughtSecret(`whsec_${coded}`)]).toEqual([`whsec_${coded}`, `whsec_${coded}`]);
    for (const secret of [
      '',
      'whsec_',
      'mine',
      Buffer.alloc(23).toString('base64'),
      Buffer.alloc(65).toString('base64'),
      'a passphrase of 32 characters :-)',
      `${coded}\n`,
      `whsec_${Buffer.alloc(25).toString('base64').replace(/=+$/, '')}`,
    ])
      expect([secret, broughtSecret(secret)]).toEqual([secret, undefined]);
  });

  it.each(['short', `whsec_${Buffer.alloc(23).toString('base64')}`, 'x'.repeat(65)])(
    'is refused if it has less than 24 or more than 64 bytes: %s',
    (secret) => {
      expect(() => configuredSigningSecret(secret)).toThrow(RangeError);
    },
  );
});
