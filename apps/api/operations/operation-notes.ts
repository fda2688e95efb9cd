import type { OpenAPIObject } from '@nestjs/swagger';
import { rateClassOfMethod } from '#throttling';
import { isExported, type Operation, operationsOf, takesIdempotencyKey } from './operation.js';

const LIMITS: Record<string, string> = {
  login: 'Counts as a sign-in: the limit holds per account and per address.',
  read: 'Counts against the limit of reads.',
  write: 'Counts against the limit of writes.',
  bulk: 'Counts against the limit of bulk requests.',
  none: 'Counts against no limit.',
};

/** Adds to the description of each operation what its decorators say: caller, limit, turns, repetition, paging. */
export function addOperationNotes(document: OpenAPIObject): void {
  for (const { method, operation } of operationsOf(document)) {
    const notes = notesOf(method, operation).join(' ');
    operation.description = operation.description ? `${operation.description}\n\n${notes}` : notes;
  }
}

function notesOf(method: string, operation: Operation): string[] {
  const { parameters = [] } = operation;
  const rateClass = operation['x-rate-class'] ?? rateClassOfMethod(method.toUpperCase());
  const paged = parameters.some(({ name, in: place }) => name === 'cursor' && place === 'query');
  return [
    callerOf(operation),
    LIMITS[rateClass]!,
    ...(operation['x-costly'] ? ['A user runs a few of these at once; further ones wait for their turn.'] : []),
    ...(takesIdempotencyKey(operation) ? ['A repetition with the same `Idempotency-Key` takes effect once.'] : []),
    ...(paged ? ['Answers one page: `nextCursor` is the `cursor` of the next one.'] : []),
    ...(isExported(method, operation) ? ['`format=csv` answers every row as CSV.'] : []),
    ...(operation['x-conditional'] ? ['Answers 304 while the content has the `ETag` of `If-None-Match`.'] : []),
  ];
}

function callerOf({ security, 'x-required-role': role }: Operation): string {
  if (security?.length === 0) return 'Needs no token.';
  return role === undefined ? 'Every signed-in user may call it.' : `Requires the role ${role} or a higher one.`;
}
