import { DomainError } from '#errors';

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
  return new DomainError('REQUEST_INVALID', 'The dashboard has no such panel.', {
    kind: 'invalid',
    errors: unknown.map((name) => ({ field: 'panels', seen: name.slice(0, 60), allowed: known.join(', ') })),
  });
}

export function notSubscribed(): DomainError {
  return new DomainError('DASHBOARD_NOT_SUBSCRIBED', 'This socket watches nothing. Send dashboard:subscribe first.', {
    kind: 'conflict',
  });
}
