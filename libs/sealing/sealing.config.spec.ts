import { randomBytes } from 'node:crypto';
import { encryptionKey } from './sealing.config.js';

describe('an encryption key in the environment', () => {
  it.each(['0'.repeat(64), 'ab'.repeat(32), 'A'.repeat(43)])('is refused when it repeats itself (%s)', (key) =>
    expect(encryptionKey().safeParse(key).error?.issues[0]?.message).toContain('a random key, not a placeholder'),
  );

  it('a random encryption key is accepted', () => {
    for (let n = 0; n < 1_000; n++)
      expect(encryptionKey().safeParse(randomBytes(32).toString('hex')).success).toBe(true);
  });
});
