/** 1 to 255 visible ASCII characters. A space is not allowed, so two headers joined by ", " are refused. */
const GRAMMAR = /^[\x21-\x7e]{1,255}$/;

/** Whether the value of an Idempotency-Key header is a key. Quotes are part of it: `abc` and `"abc"` are two keys. */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && GRAMMAR.test(value);
}
