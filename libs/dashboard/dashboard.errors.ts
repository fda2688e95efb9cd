import { defineErrors } from '#errors';
import { invalidRequest } from '#http';

const dashboardError = defineErrors({
  DASHBOARD_NO_CUT_YET: {
    kind: 'unavailable',
    meaning: 'The database does not answer, and this process has not read a cut since its start.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  DASHBOARD_NOT_SUBSCRIBED: {
    kind: 'conflict',
    meaning: 'The socket has no subscription.',
    fix: 'Send `dashboard:subscribe` first.',
  },
});

export const noCutYet = (cause: unknown) =>
  dashboardError(
    'DASHBOARD_NO_CUT_YET',
    'The database does not answer, and there is no earlier cut. Try again in a second.',
    {
      retryAfterMs: 1_000,
      cause,
    },
  );

export const notSubscribed = () =>
  dashboardError('DASHBOARD_NOT_SUBSCRIBED', 'This socket has no subscription. Send dashboard:subscribe first.');

export function unknownPanels(unknown: readonly string[], known: readonly string[]) {
  const allowed = known.join(', ');
  return invalidRequest(
    unknown.map((name) => ({ field: 'panels', seen: name.slice(0, 60), allowed })),
    'The dashboard has no such panel.',
  );
}
