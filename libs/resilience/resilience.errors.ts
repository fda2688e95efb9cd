import { DomainError } from '#errors';

export function circuitOpen(name: string, retryAfterMs: number): DomainError {
  return new DomainError(
    'RESILIENCE_CIRCUIT_OPEN',
    `${name} has failed too often and is left alone for a while; try again later.`,
    {
      kind: 'unavailable',
      retryAfterMs: Math.max(1, retryAfterMs),
    },
  );
}

export function tooManyCalls(name: string): DomainError {
  return new DomainError('RESILIENCE_TOO_MANY_CALLS', `Too many calls of ${name} are waiting; try again later.`, {
    kind: 'unavailable',
    retryAfterMs: 1_000,
  });
}

export function timedOut(name: string, timeoutMs: number, cause: unknown): DomainError {
  const error = new DomainError('RESILIENCE_TIMED_OUT', `${name} did not answer within ${timeoutMs} ms.`, {
    kind: 'unavailable',
    cause,
  });
  return Object.assign(error, { errorClass: 'timeout' as const });
}
