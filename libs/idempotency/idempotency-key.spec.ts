import { isIdempotencyKey } from './idempotency-key.js';

describe('an idempotency key', () => {
  it.each(['1', '8e03978e-40d5-43dd-bc93-6894a57f9324', '"quoted"', '!~', 'x'.repeat(255)])('is %s', (value) => {
    expect(isIdempotencyKey(value)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['two headers, as node joins them', 'a, b'],
    ['a tab', 'a\tb'],
    ['a line end', 'a\n'],
    ['DEL', '\u007f'],
    ['a letter beyond ASCII', 'clé'],
    ['256 characters', 'x'.repeat(256)],
    ['no text', undefined],
    ['several headers', ['a', 'b']],
  ])('an idempotency key is not %s', (_what, value) => {
    expect(isIdempotencyKey(value)).toBe(false);
  });
});
