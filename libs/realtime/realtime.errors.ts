import { DomainError } from '#errors';
import type { BudgetRefusal } from './connection-budget.js';

const CODES = {
  connections: 'REALTIME_CONNECTIONS_SPENT',
  user: 'REALTIME_USER_CONNECTIONS_SPENT',
  address: 'REALTIME_ADDRESS_CONNECTIONS_SPENT',
  rate: 'REALTIME_CONNECTS_TOO_FAST',
} as const;

export function connectionRefused({ budget, limit, retryAfterMs }: BudgetRefusal): DomainError {
  return new DomainError(
    CODES[budget],
    `No more sockets now: the budget "${budget}" of ${limit} is spent. Come back after retryAfterMs.`,
    {
      kind: budget === 'connections' ? 'unavailable' : 'rate_limited',
      retryAfterMs,
      extra: { budget, limit },
    },
  );
}

export function draining(retryAfterMs: number): DomainError {
  return new DomainError('REALTIME_DRAINING', 'This process is going away. Come back after retryAfterMs.', {
    kind: 'unavailable',
    retryAfterMs,
  });
}

export function messagesTooFast(limit: number, retryAfterMs: number): DomainError {
  return new DomainError('REALTIME_MESSAGES_TOO_FAST', `A socket may send ${limit} messages a second.`, {
    kind: 'rate_limited',
    retryAfterMs,
  });
}

export function unknownEvent(name: string, known: readonly string[]): DomainError {
  return new DomainError('REALTIME_UNKNOWN_EVENT', 'There is no such event.', {
    kind: 'not_found',
    errors: [{ field: 'event', seen: name.slice(0, 60), allowed: known.join(', ') }],
  });
}

export function unknownNamespace(): DomainError {
  return new DomainError('REALTIME_UNKNOWN_NAMESPACE', 'There is no such namespace; connect to /dashboard.', {
    kind: 'not_found',
  });
}

export function otherUser(): DomainError {
  return new DomainError('REALTIME_OTHER_USER', 'The new token is of another user. Open another socket for them.', {
    kind: 'forbidden',
  });
}

/** Why the server closes a socket; sent as `closing` before it does. */
export const CLOSING = {
  expired: new DomainError('AUTH_TOKEN_EXPIRED', 'The token of this socket ended. Refresh it and connect again.', {
    kind: 'unauthenticated',
  }),
  revoked: new DomainError('AUTH_REVOKED', 'The login was revoked or the user disabled. Sign in again.', {
    kind: 'unauthenticated',
  }),
  idle: new DomainError('REALTIME_IDLE', 'Nothing was watched or said for too long. Connect again when needed.', {
    kind: 'unavailable',
  }),
  slow: new DomainError('REALTIME_SLOW_CONSUMER', 'What was sent was not read. Connect again and take a full cut.', {
    kind: 'rate_limited',
  }),
  flooding: new DomainError('REALTIME_MESSAGES_TOO_FAST', 'Far too many messages a second.', { kind: 'rate_limited' }),
} as const;
