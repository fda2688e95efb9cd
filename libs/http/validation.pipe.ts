import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import { listNameOf } from './bodies/list-body.js';
import { validateList } from './bodies/list-validation.js';
import { fromIssues, type RequestPart } from './invalid-request.js';

const PARTS: Record<ArgumentMetadata['type'], RequestPart> = {
  body: 'body',
  custom: 'body',
  query: 'query',
  param: 'path',
};

/** Checks each part of a request against its schema. @throws DomainError REQUEST_INVALID */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (!metadata.schema || !this.toValidate(metadata)) return value;
    if (metadata.type === 'query') value = withNewNames(value, metadata.schema);
    const list = metadata.type === 'body' ? listNameOf(value) : undefined;
    if (list !== undefined && metadata.schema instanceof z.ZodObject)
      return (await validateList(metadata.schema, value as Record<string, unknown>, list)) as T;
    const result = await this.validate(value, metadata.schema, undefined);
    if (!result.issues) return result.value as T;
    throw fromIssues(PARTS[metadata.type], value, result.issues, metadata.data);
  }
}

/**
 * Takes the earlier names of filters: `?rule=` is `?ruleId=`, where the query has the one and not the other. Given both, the
 * earlier name is refused as unknown.
 */
function withNewNames<T>(query: T, schema: object): T {
  if (!(schema instanceof z.ZodObject) || typeof query !== 'object' || query === null) return query;
  const earlier = Object.keys(query).filter(
    (name) => !(name in schema.shape) && `${name}Id` in schema.shape && !(`${name}Id` in query),
  );
  if (earlier.length === 0) return query;
  const entries = Object.entries(query).map(([name, value]) => [earlier.includes(name) ? `${name}Id` : name, value]);
  return Object.fromEntries(entries) as T;
}
