import type { z } from 'zod';
import { type DomainError, type FieldIssue, requestError } from '#errors';

/** Part of an HTTP request, or message on a socket. Error texts use the terms of each. */
export type RequestPart = 'body' | 'query' | 'path' | 'message';

/** An issue of any Standard Schema; `keys` are those that a strict zod object does not know. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly keys?: readonly string[];
}

const WORDS: Record<RequestPart, { whole: string; unknown: string }> = {
  body: { whole: 'The body', unknown: 'no such field in this body' },
  query: { whole: 'The query', unknown: 'no such query parameter' },
  path: { whole: 'The path', unknown: 'no such path parameter' },
  message: { whole: 'The message', unknown: 'no such field in this message' },
};

/** Issues that are described. More help no caller, and each costs the server time and the answer bytes. */
export const MAX_ISSUES = 20;
/** The caller may have named the field (an unknown key of a megabyte). */
const MAX_NAME_LENGTH = 120;
const MAX_SEEN_LENGTH = 80;
/** Values of headers are often credentials, whatever the name of the header. */
const SECRET_FIELD = /password|token|secret|authorization|headers|basicAuth/i;

/**
 * Creates the 400 problem for invalid fields, for every lib.
 * @param detail one sentence. Default: the first field and its allowed values
 */
export function invalidRequest(
  errors: readonly FieldIssue[],
  detail = summaryOf(errors, ''),
  cause?: unknown,
): DomainError {
  return requestError('REQUEST_INVALID', detail, { errors, cause });
}

/** @throws DomainError REQUEST_INVALID with every wrong field, its received and its allowed value */
export function parseRequest<T extends z.ZodType>(part: RequestPart, schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fromIssues(part, value, parsed.error.issues);
}

/**
 * @param root the parameter's own name, e.g. `id` of `@Param('id')`
 * @param stopped validation stopped after these issues
 */
export function fromIssues(
  part: RequestPart,
  value: unknown,
  issues: readonly SchemaIssue[],
  root?: string,
  stopped = false,
): DomainError {
  const errors = issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => fieldIssues(part, value, issue, root))
    .slice(0, MAX_ISSUES);
  const detail = summaryOf(errors, WORDS[part].whole, countOf(issues) - errors.length);
  return invalidRequest(errors, stopped ? `${detail}. Validation stopped after ${errors.length} issues.` : detail);
}

/** An issue of unknown keys is one of each. */
function countOf(issues: readonly SchemaIssue[]): number {
  return issues.reduce((sum, { keys }) => sum + (keys?.length ?? 1), 0);
}

/** @param hidden issues that `errors` leaves out */
function summaryOf(errors: readonly FieldIssue[], whole: string, hidden = 0): string {
  const [first] = errors;
  if (first === undefined) return whole;
  const more = errors.length - 1 + hidden;
  const shownOnly = hidden > 0 ? `; \`errors\` lists the first ${errors.length}, ${hidden} more are not shown` : '';
  return `${first.field || whole}: ${first.allowed}${more > 0 ? ` (and ${more} more${shownOnly})` : ''}`;
}

function fieldIssues(part: RequestPart, value: unknown, issue: SchemaIssue, root: string | undefined): FieldIssue[] {
  const path = (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step));
  if (issue.keys)
    return issue.keys.map((key) => ({ field: nameOf(root, [...path, key]), allowed: WORDS[part].unknown }));
  const [given, seen] = seenAt(path, value);
  const field = nameOf(root, given);
  return [{ field, ...(SECRET_FIELD.test(field) ? {} : { seen: shown(seen, field) }), allowed: issue.message }];
}

/**
 * The value at a path. A query parameter that was given once is read as a list of one: an issue of its item is one of the
 * parameter.
 */
function seenAt(path: readonly PropertyKey[], value: unknown): [path: readonly PropertyKey[], seen: unknown] {
  let at = value;
  for (const [depth, step] of path.entries()) {
    if (typeof at === 'string' && typeof step === 'number') return [path.slice(0, depth), at];
    at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
  }
  return [path, at];
}

function nameOf(root: string | undefined, path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (before, step) =>
      typeof step === 'number' ? `${before}[${step}]` : before ? `${before}.${String(step)}` : String(step),
    root ?? '',
  );
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 3)}...` : name;
}

function shown(seen: unknown, field: string): string {
  if (seen === undefined) return 'nothing';
  if (typeof seen === 'object' && seen !== null)
    return Array.isArray(seen) ? `an array of ${seen.length}` : 'an object';
  // A body or message that is text may be a token sent without its field.
  if (field === '' && typeof seen === 'string') return `text of ${seen.length} characters`;
  const text = JSON.stringify(seen) ?? typeof seen;
  return text.length > MAX_SEEN_LENGTH ? `${text.slice(0, MAX_SEEN_LENGTH - 3)}...` : text;
}
