import { DomainError } from '#errors';
import { invalidRequest } from '#http';

export function noCutYet(cause: unknown): DomainError {
  return new DomainError(
    'DASHBOARD_NO_CUT_YET',
    'The database does not answer, and no cut has been made yet. Try again in a second.',
    {
      kind: 'unavailable',
      retryAfterMs: 1_000,
      cause,
    },
  );
}

export function unknownPanels(unknown: readonly string[], known: readonly string[]): DomainError {
  const allowed = known.join(', ');
  return invalidRequest(
    unknown.map((name) => ({ field: 'panels', seen: name.slice(0, 60), allowed })),
    'The dashboard has no such panel.',
  );
}

export function notSubscribed(): DomainError {
  return new DomainError('DASHBOARD_NOT_SUBSCRIBED', 'This socket watches nothing. Send dashboard:subscribe first.', {
    kind: 'conflict',
  });
}
