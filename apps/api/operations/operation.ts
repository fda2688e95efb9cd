import type { OpenAPIObject } from '@nestjs/swagger';

/** A parameter of an operation. */
export interface OperationParameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: object;
  /** False if a list is one text with commas. */
  explode?: boolean;
  example?: unknown;
}

/** The content of a request or an answer, by its type. */
type Content = Record<string, { schema?: object; example?: unknown }>;

/** The answer of an operation with one status. */
export interface OperationAnswer {
  description?: string;
  headers?: Record<string, object>;
  content?: Content;
}

/** An operation of the OpenAPI document while it is made. Decorators of the libs set the facts that begin with `x-`. */
export interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: OperationParameter[];
  requestBody?: { content?: Content };
  responses: Record<string, OperationAnswer>;
  security?: object[];
  'x-public'?: boolean;
  /** Set by `@Fails()`. */
  'x-error-codes'?: string[];
  /** Set by `@Roles()`. */
  'x-required-role'?: string;
  /** Set by `@RateClass()`; stays in the document. */
  'x-rate-class'?: string;
  /** Set by `@Costly()`; stays in the document. */
  'x-costly'?: boolean;
  /** Set by `@Conditional()`. */
  'x-conditional'?: boolean;
}

/** Facts of decorators that the document says in words instead. */
const IN_WORDS = ['x-conditional', 'x-error-codes', 'x-public', 'x-required-role'] as const;

/** Every operation of the document with its place. */
export function operationsOf(document: OpenAPIObject): { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([, operation]) => operation.responses !== undefined)
      .map(([method, operation]) => ({ path, method, operation })),
  );
}

/** A list that can also be read as CSV has the query parameter `format`. */
export function isExported(method: string, { parameters = [] }: Operation): boolean {
  return method === 'get' && parameters.some(({ name, in: place }) => name === 'format' && place === 'query');
}

export function takesIdempotencyKey({ parameters = [] }: Operation): boolean {
  return parameters.some(({ name }) => name === 'Idempotency-Key');
}

/** Removes the facts that were put in words. */
export function removeFacts(document: OpenAPIObject): void {
  for (const { operation } of operationsOf(document)) for (const fact of IN_WORDS) delete operation[fact];
}
