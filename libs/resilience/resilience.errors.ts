import { defineErrors } from '#errors';

const resilienceError = defineErrors({
  RESILIENCE_CIRCUIT_OPEN: {
    kind: 'unavailable',
    meaning: 'A dependency failed too often, so it is not called for a while.',
    fix: 'Retry after the time in `Retry-After`; operators see the breaker at `GET /v1/system/breakers`.',
  },
  RESILIENCE_TOO_MANY_CALLS: {
    kind: 'unavailable',
    meaning: 'The maximum number of calls of a dependency waits.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  RESILIENCE_TIMED_OUT: {
    kind: 'unavailable',
    meaning: 'A dependency did not answer in time.',
    fix: 'Retry later.',
  },
});

export const circuitOpen = (name: string, retryAfterMs: number) =>
  resilienceError(
    'RESILIENCE_CIRCUIT_OPEN',
    `${name} failed too often and is not called for a while. Try again later.`,
    {
      retryAfterMs: Math.max(1, retryAfterMs),
    },
  );

export const tooManyCalls = (name: string) =>
  resilienceError('RESILIENCE_TOO_MANY_CALLS', `Too many calls of ${name} are waiting. Try again later.`, {
    retryAfterMs: 1_000,
  });

export function timedOut(name: string, timeoutMs: number) {
  const error = resilienceError('RESILIENCE_TIMED_OUT', `${name} did not answer within ${timeoutMs} ms.`);
  return Object.assign(error, { errorClass: 'timeout' as const });
}
