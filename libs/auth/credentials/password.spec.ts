import { emailAddress } from './email.js';
import { newPassword, oneTimePassword } from './password.js';

describe('passwords', () => {
  it('a password has 12 to 256 characters of any script', () => {
    expect(newPassword.safeParse('x'.repeat(11)).success).toBe(false);
    expect(newPassword.safeParse('x'.repeat(12)).success).toBe(true);
    expect(newPassword.safeParse('पासवर्ड लंबा है ज़रूर').success).toBe(true);
    expect(newPassword.safeParse('x'.repeat(257)).success).toBe(false);
    expect(newPassword.safeParse('nul is not \0 allowed').success).toBe(false);
  });

  it('generated passwords are long, legible and never the same', () => {
    const made = Array.from({ length: 100 }, oneTimePassword);
    expect(new Set(made).size).toBe(100);
    for (const password of made) expect(password).toMatch(/^([a-km-zA-HJ-NP-Z2-9]{5}-){4}[a-km-zA-HJ-NP-Z2-9]{5}$/);
  });
});

describe('e-mail addresses', () => {
  it('an e-mail address is normalised to one form', () => {
    expect(emailAddress.parse('  Desk.Trader@Example.COM ')).toBe('desk.trader@example.com');
  });

  it.each(['', 'a@', '@b', 'a b@c.d', 'a@b@c', 'x'.repeat(255), 'a\0@b.c'])('%j is not an e-mail address', (text) => {
    expect(emailAddress.safeParse(text).success).toBe(false);
  });
});
