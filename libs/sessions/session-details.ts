const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 8;

/** Names that brokers give to secrets in their sign-in answers: `enctoken`, `refresh_token`, `apiSecret`, `pin`. Not `tokenType`. */
const SECRET_NAME = /(?:token|secret|passw(?:or)?d|pwd|api_?key|private_?key)$|^(?:m?pin|otp)$/i;

/** Path of a refused value, and the allowed values. */
export interface DetailIssue {
  path: (string | number)[];
  allowed: string;
}

/**
 * Finds the first value that PostgreSQL would not return unchanged, or that must not be stored in clear.
 * Checks the depth before it recurses: JSON.parse accepts 500,000 levels, JSON.stringify fails at 10,000.
 */
export function detailIssue(details: unknown): DetailIssue | undefined {
  const issue = inValue(details, []);
  if (issue !== undefined) return issue;
  const bytes = Buffer.byteLength(JSON.stringify(details));
  return bytes > MAX_BYTES
    ? { path: [], allowed: `at most ${MAX_BYTES} bytes of JSON (these are ${bytes})` }
    : undefined;
}

function inValue(value: unknown, path: (string | number)[]): DetailIssue | undefined {
  if (typeof value === 'string') return textIssue(value, path);
  if (typeof value === 'number') return numberIssue(value, path);
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length >= MAX_DEPTH) return { path, allowed: `at most ${MAX_DEPTH} levels` };
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  for (const [key, inner] of Object.entries(value)) {
    const issue = textIssue(key, [...path, key]) ?? secretIssue(key, inner, path);
    if (issue !== undefined) return issue;
  }
  return firstOf(Object.entries(value), path);
}

function firstOf(entries: Iterable<[string | number, unknown]>, path: (string | number)[]): DetailIssue | undefined {
  for (const [key, inner] of entries) {
    const issue = inValue(inner, [...path, key]);
    if (issue !== undefined) return issue;
  }
  return undefined;
}

function textIssue(value: string, path: (string | number)[]): DetailIssue | undefined {
  if (value.includes('\0')) return { path, allowed: 'text without U+0000' };
  return value.isWellFormed() ? undefined : { path, allowed: 'well-formed Unicode (half a surrogate pair was found)' };
}

function numberIssue(value: number, path: (string | number)[]): DetailIssue | undefined {
  const kept = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return kept ? undefined : { path, allowed: 'a number that a double holds exactly (write larger ones as text)' };
}

function secretIssue(key: string, value: unknown, path: (string | number)[]): DetailIssue | undefined {
  if (typeof value !== 'string' || value === '' || !SECRET_NAME.test(key)) return undefined;
  return {
    path: [...path, key],
    allowed: 'no secret: details are stored in clear, only accessToken and feedToken are sealed',
  };
}
