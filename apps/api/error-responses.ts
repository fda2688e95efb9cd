import type { OpenAPIObject } from '@nestjs/swagger';
import { errorCatalogue, type ErrorEntry, statusOfKind } from '#errors';

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: unknown;
  security?: unknown[];
  responses?: Record<string, unknown>;
  /** Set by `@Fails()` and `@Roles()`; removed from the published document. */
  'x-error-codes'?: string[];
  'x-required-role'?: string;
  /** Set by `@Costly()`; stays in the document. */
  'x-costly'?: boolean;
}

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
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations as Record<string, Operation>)) {
      if (!operation.responses) continue;
      const byStatus = Map.groupBy(codesOf(path, method, operation), (code) =>
        statusOfKind(entryOf(catalogue, code).kind),
      );
      for (const [status, codes] of byStatus) operation.responses[String(status)] = responseOf(codes, catalogue);
      delete operation['x-error-codes'];
      delete operation['x-required-role'];
    }
  }
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
  add(method !== 'get', WRITE);
  add(
    parameters.some(({ name }) => name === 'Idempotency-Key'),
    IDEMPOTENT,
  );
  return [...codes].sort();
}

/** @throws Error naming a code of `@Fails()` that no lib declares */
function entryOf(catalogue: ReadonlyMap<string, ErrorEntry>, code: string): ErrorEntry {
  const entry = catalogue.get(code);
  if (entry === undefined) throw new Error(`@Fails('${code}') names an error code that no lib declares.`);
  return entry;
}

function responseOf(codes: readonly string[], catalogue: ReadonlyMap<string, ErrorEntry>) {
  return {
    description: codes.map((code) => `\`${code}\`: ${catalogue.get(code)!.meaning}`).join('\n\n'),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { type: 'string', enum: codes } } }],
        },
      },
    },
  };
}
