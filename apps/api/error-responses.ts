import type { OpenAPIObject } from '@nestjs/swagger';
import { errorCatalogue, type ErrorEntry, statusOfKind } from '#errors';
import { headerReferences } from './operations/answer-headers.js';
import {
  isExported,
  type Operation,
  type OperationAnswer,
  operationsOf,
  takesIdempotencyKey,
} from './operations/operation.js';

const PROBES = /^\/(health|metrics)(\/|$)/;
/** Every operation refuses unknown query parameters, and too many connections. */
const ALWAYS = ['HTTP_ADDRESS_CONNECTIONS_SPENT', 'HTTP_CONNECTIONS_SPENT', 'INTERNAL_ERROR', 'REQUEST_INVALID'];
const NO_PROBE = [
  'API_IS_A_WORKER',
  'DATABASE_DISK_FULL',
  'DATABASE_LIMIT_EXCEEDED',
  'DATABASE_OUT_OF_MEMORY',
  'DATABASE_POOL_EXHAUSTED',
  'DATABASE_STARTING',
  'DATABASE_TIMEOUT',
  'DATABASE_TOO_MANY_CONNECTIONS',
  'DATABASE_UNAVAILABLE',
  'THROTTLING_LIMITED',
];
const WRITE = ['DATABASE_LOCKED', 'DATABASE_READ_ONLY', 'DATABASE_SERIALIZATION_FAILED'];
const BODY = ['REQUEST_MEDIA_TYPE', 'REQUEST_TIMEOUT', 'REQUEST_TOO_LARGE'];
const IDEMPOTENT = [
  'IDEMPOTENCY_ANSWER_NOT_KEPT',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_MALFORMED',
  'IDEMPOTENCY_KEY_REUSED',
];

/** Gives each operation a response per error status, with the codes it may carry, from the catalogue of errors. */
export function addErrorResponses(document: OpenAPIObject): void {
  const catalogue = new Map(errorCatalogue());
  for (const { path, method, operation } of operationsOf(document)) {
    const byStatus = Map.groupBy(codesOf(path, method, operation), (code) =>
      statusOfKind(entryOf(catalogue, code).kind),
    );
    for (const [status, codes] of byStatus)
      operation.responses[status] = beside(operation.responses[status], responseOf(status, codes, catalogue));
  }
}

/** A status such as 503 of a probe has an answer of its own beside the problem. */
function beside(own: OperationAnswer | undefined, problem: OperationAnswer): OperationAnswer {
  if (own?.content === undefined) return problem;
  return {
    ...problem,
    description: `${own.description}\n\n${problem.description}`,
    content: { ...own.content, ...problem.content },
  };
}

function codesOf(path: string, method: string, operation: Operation): string[] {
  const own = operation['x-error-codes'] ?? [];
  const isPublic = operation.security?.length === 0;
  const parameters = operation.parameters ?? [];
  const codes = new Set([...ALWAYS, ...own]);
  const add = (when: boolean, more: readonly string[]) => when && more.forEach((code) => codes.add(code));
  add(!PROBES.test(path), NO_PROBE);
  add(!isPublic, ['AUTH_UNAUTHENTICATED']);
  add(operation['x-required-role'] !== undefined, ['AUTH_ROLE_REQUIRED']);
  add(
    parameters.some(({ in: place }) => place !== 'header'),
    ['REQUEST_URL_TOO_LONG'],
  );
  add(operation.requestBody !== undefined, BODY);
  add(operation['x-costly'] === true || method !== 'get', ['THROTTLING_AT_ONCE']);
  add(isExported(method, operation), ['HTTP_EXPORTS_BUSY']);
  add(method !== 'get', WRITE);
  add(takesIdempotencyKey(operation), IDEMPOTENT);
  return [...codes].sort();
}

/** @throws Error naming a code of `@Fails()` that no lib declares */
function entryOf(catalogue: ReadonlyMap<string, ErrorEntry>, code: string): ErrorEntry {
  const entry = catalogue.get(code);
  if (entry === undefined) throw new Error(`@Fails('${code}') names an error code that no lib declares.`);
  return entry;
}

function responseOf(
  status: number,
  codes: readonly string[],
  catalogue: ReadonlyMap<string, ErrorEntry>,
): OperationAnswer {
  return {
    description: codes.map((code) => `\`${code}\`: ${catalogue.get(code)!.meaning}`).join('\n\n'),
    headers: headerReferences(headersOf(status, codes, catalogue)),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { type: 'string', enum: codes } } }],
        },
      },
    },
  };
}

/** An error that passes has `Retry-After`, and the catalogue says so in its fix. */
function headersOf(
  status: number,
  codes: readonly string[],
  catalogue: ReadonlyMap<string, ErrorEntry>,
): readonly string[] {
  return [
    ...(codes.includes('IDEMPOTENCY_ANSWER_NOT_KEPT') ? ['Idempotency-Replayed'] : []),
    ...(codes.some((code) => /retry-?after/i.test(catalogue.get(code)!.fix)) ? ['Retry-After'] : []),
    ...(status === 401 ? ['WWW-Authenticate'] : []),
  ];
}
