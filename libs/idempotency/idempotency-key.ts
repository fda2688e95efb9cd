/** What a client may send as Idempotency-Key: 1 to 255 visible ASCII characters (no space, so two headers joined by ", " are none). */
const GRAMMAR = /^[\x21-\x7e]{1,255}$/;

/** Whether a header's value is a key. It is taken as it comes: `abc` and `"abc"` are two keys. */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && GRAMMAR.test(value);
}
