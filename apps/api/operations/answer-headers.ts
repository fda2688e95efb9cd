import type { OpenAPIObject } from '@nestjs/swagger';
import { rateClassOfMethod } from '#throttling';
import { isExported, type Operation, operationsOf, takesIdempotencyKey } from './operation.js';

const text = (description: string, schema: object = {}) => ({ description, schema: { type: 'string', ...schema } });

/** The headers of answers, by name: each is a component, and answers refer to it. */
const HEADERS: Record<string, object> = {
  'Content-Disposition': text('Name of the file, when the answer is CSV'),
  ETag: text('Version of the content, for `If-None-Match`'),
  'Idempotency-Replayed': text(
    '`true` if the answer is that of an earlier request with the same `Idempotency-Key`; absent otherwise',
    { enum: ['true'] },
  ),
  Location: text('Path of the created resource', { format: 'uri-reference' }),
  RateLimit: text(
    'Requests that are left in the window (`r`), and seconds until it ends (`t`): `"read";r=599;t=60`. ' +
      'draft-ietf-httpapi-ratelimit-headers',
  ),
  'RateLimit-Policy': text('Requests per window (`q`) and length of the window in seconds (`w`): `"read";q=600;w=60`'),
  'Retry-After': {
    description: 'Seconds after which the request may succeed; `retryAfterMs` of the problem is the same in ms',
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': text('The scheme that the operation takes', { enum: ['Bearer'] }),
  'X-Correlation-Id': text(
    'Identifies the request in logs, events and deliveries; the one of the request, if it had one',
  ),
};

/** References to headers of answers. */
export function headerReferences(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Gives each answer the headers that the server sets, and conditional reads their 304. Call it after `addErrorResponses`. */
export function addAnswerHeaders(document: OpenAPIObject): void {
  (document.components ??= {}).headers = HEADERS as never;
  for (const { method, operation } of operationsOf(document)) {
    if (operation['x-conditional']) addNotModified(operation);
    for (const [status, answer] of Object.entries(operation.responses)) {
      const names = [...Object.keys(answer.headers ?? {}), ...namesOf(status, method, operation)];
      answer.headers = headerReferences([...new Set(names)].sort());
    }
  }
}

function namesOf(status: string, method: string, operation: Operation): string[] {
  const successful = /^[23]/.test(status);
  const counted = (operation['x-rate-class'] ?? rateClassOfMethod(method.toUpperCase())) !== 'none';
  return [
    'X-Correlation-Id',
    ...(counted ? ['RateLimit', 'RateLimit-Policy'] : []),
    ...(successful && operation['x-conditional'] ? ['ETag'] : []),
    ...(status === '200' && isExported(method, operation) ? ['Content-Disposition'] : []),
    ...(successful && takesIdempotencyKey(operation) ? ['Idempotency-Replayed'] : []),
  ];
}

function addNotModified(operation: Operation): void {
  operation.responses['304'] = { description: 'The client has this version: the `ETag` is in `If-None-Match`' };
  (operation.parameters ??= []).push({
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: '`ETag` of the answer that the client has. The answer is 304 while the content is the same',
    schema: { type: 'string' },
  });
}
