import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { DomainError, type FieldIssue } from '#errors';

type Issues = NonNullable<Awaited<ReturnType<StandardSchemaValidationPipe['validate']>>['issues']>;

const MAX_ISSUES = 50;
/** A field may be named by the caller (an unknown key of a megabyte). */
const MAX_NAME = 120;
const SECRET_FIELD = /password|token|secret|authorization/i;

/** Checks a request against its schema and says of each wrong field what was seen and what is allowed. */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (!metadata.schema || !this.toValidate(metadata)) return value;
    const result = await this.validate(value, metadata.schema, undefined);
    if (!result.issues) return result.value as T;
    throw invalid(value, metadata.data, result.issues);
  }
}

/** @param root the parameter's own name, e.g. `id` of `@Param('id')` */
function invalid(value: unknown, root: string | undefined, issues: Issues): DomainError {
  const errors = issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => fieldIssues(value, root, issue))
    .slice(0, MAX_ISSUES);
  const first = errors[0]!;
  return new DomainError(
    'REQUEST_INVALID',
    `${first.field || 'The body'}: ${first.allowed}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`,
    {
      kind: 'invalid',
      errors,
    },
  );
}

function fieldIssues(value: unknown, root: string | undefined, issue: Issues[number]): FieldIssue[] {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const unknownKeys = (issue as { keys?: string[] }).keys;
  if (unknownKeys)
    return unknownKeys.map((key) => ({ field: named(root, [...path, key]), allowed: 'no such field here' }));
  const field = named(root, path);
  const seen = path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], value);
  return [{ field, ...(SECRET_FIELD.test(field) ? {} : { seen: shown(seen) }), allowed: issue.message }];
}

function named(root: string | undefined, path: readonly PropertyKey[]): string {
  const field = path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${String(part)}` : String(part)),
    root ?? '',
  );
  return field.length > MAX_NAME ? `${field.slice(0, MAX_NAME - 3)}...` : field;
}

function shown(seen: unknown): string {
  if (seen === undefined) return 'nothing';
  if (typeof seen === 'object' && seen !== null)
    return Array.isArray(seen) ? `an array of ${seen.length}` : 'an object';
  const text = JSON.stringify(seen) ?? typeof seen;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
