/** Keys whose values are never logged. */
const SECRET_KEY =
  /pass(word|wd|phrase)|secret|token(?!_?epoch|Type|Kind)|authorization|cookie|api[-_]?key|private[-_]?key|credential/i;
/** What gives itself away inside a text: JSON web tokens, bearer credentials, passwords in URLs. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi;

const MASK = '[secret]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;

/** A copy that is safe for a log line: secrets masked, depth, length and cycles bounded, errors with their stack. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null)
    return typeof value === 'function' || typeof value === 'symbol' ? String(value) : value;
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function' && !Array.isArray(value)) {
    return ArrayBuffer.isView(value)
      ? `[${value.byteLength} bytes]`
      : redact((value as { toJSON: () => unknown }).toJSON(), depth + 1);
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} more]`] : items;
  }
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    copy[key] =
      item !== undefined &&
      item !== null &&
      SECRET_KEY.test(key) &&
      typeof item !== 'number' &&
      typeof item !== 'boolean'
        ? MASK
        : redact(item, depth + 1);
  }
  return copy;
}

/** A text with what looks like a credential masked, shortened to 4,000 characters. */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text;
  return short.replace(JWT, '[jwt]').replace(BEARER, `$1 ${MASK}`).replace(URL_PASSWORD, `$1:${MASK}@`);
}

/** Name, message, stack, code and causes only: a QueryFailedError also carries the statement's parameters. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const { code, constraint, cause } = error as { code?: unknown; constraint?: unknown; cause?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    ...(code === undefined ? undefined : { code }),
    ...(constraint === undefined ? undefined : { constraint }),
    stack: redactText(error.stack ?? ''),
    ...(cause === undefined || depth >= 3 ? undefined : { cause: redact(cause, depth + 1) }),
  };
}
