import type { OpenAPIObject } from '@nestjs/swagger';
import { type Operation, type OperationParameter, operationsOf } from './operation.js';
import recorded from './examples.json' with { type: 'json' };

/** A request that a test sent, with the answer that it got. */
interface RecordedExample {
  path?: Record<string, string>;
  query?: Record<string, string | string[]>;
  /** JSON, or text of the type `type`. */
  body?: unknown;
  type?: string;
  status: number;
  answer?: unknown;
  answerType?: string;
}

const EXAMPLES = recorded as Record<string, RecordedExample>;

/** Adds to each operation the request and the answer that `npm run docs:examples` recorded. */
export function addExamples(document: OpenAPIObject): void {
  for (const { operation } of operationsOf(document)) {
    const example = EXAMPLES[operation.operationId];
    if (example !== undefined) addExample(operation, example);
  }
}

function addExample(operation: Operation, { status, answer, answerType, ...request }: RecordedExample): void {
  for (const parameter of operation.parameters ?? []) {
    const value = (parameter.in === 'path' ? request.path : request.query)?.[parameter.name];
    if (value !== undefined) parameter.example = typed(value, parameter);
  }
  const sent = operation.requestBody?.content?.[request.type ?? 'application/json'];
  if (sent !== undefined && request.body !== undefined) sent.example = request.body;
  const content = operation.responses[status]?.content?.[answerType ?? ''];
  if (content !== undefined) content.example = answer;
}

/** Parameters are sent as text; the document shows numbers and lists as such. */
function typed(value: string | string[], { schema, explode }: OperationParameter): unknown {
  const { type } = (schema ?? {}) as { type?: string };
  if (type === 'array') return [value].flat().flatMap((one) => (explode === false ? one.split(',') : one));
  return typeof value === 'string' && (type === 'integer' || type === 'number') ? Number(value) : value;
}
