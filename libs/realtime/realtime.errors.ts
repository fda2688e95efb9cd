import { defineErrors } from '#errors';
import type { BudgetRefusal } from './budgets/connection-budget.js';

const LATER = 'Connect again after `retryAfterMs`.';

const realtimeError = defineErrors({
  REALTIME_CONNECTIONS_SPENT: {
    kind: 'unavailable',
    meaning: 'The process, or all processes together, have their maximum number of sockets.',
    fix: LATER,
  },
  REALTIME_USER_CONNECTIONS_SPENT: {
    kind: 'rate_limited',
    meaning: 'The user has the maximum number of sockets.',
    fix: 'Close a socket, or connect again after `retryAfterMs`.',
  },
  REALTIME_ADDRESS_CONNECTIONS_SPENT: {
    kind: 'rate_limited',
    meaning: 'The address has the maximum number of sockets or of unauthenticated connections.',
    fix: 'Close a socket, or connect again after `retryAfterMs`.',
  },
  REALTIME_CONNECTS_TOO_FAST: {
    kind: 'rate_limited',
    meaning: 'The process has accepted its maximum number of new connections in this second.',
    fix: LATER,
  },
  REALTIME_ORIGIN_REFUSED: {
    kind: 'forbidden',
    meaning: 'Pages of this origin may not open sockets.',
    fix: 'Add the origin to `HTTP_CORS_ORIGINS`, or set `PUBLIC_URL` to the address that users open.',
  },
  REALTIME_TRANSPORT_REFUSED: {
    kind: 'invalid',
    meaning: 'The server does not accept this transport.',
    fix: "Connect with `transports: ['websocket']`, or set `REALTIME_POLLING=true`.",
  },
  REALTIME_DRAINING: { kind: 'unavailable', meaning: 'The process is stopping.', fix: LATER },
  REALTIME_MESSAGES_TOO_FAST: {
    kind: 'rate_limited',
    meaning: 'The socket sends more messages per second than allowed.',
    fix: 'Send fewer messages; wait for `retryAfterMs`.',
  },
  REALTIME_UNKNOWN_EVENT: {
    kind: 'not_found',
    meaning: 'There is no such socket event.',
    fix: 'Use an event of `/asyncapi.json`.',
  },
  REALTIME_UNKNOWN_NAMESPACE: {
    kind: 'not_found',
    meaning: 'There is no such socket namespace.',
    fix: 'Connect to a namespace of `/asyncapi.json`.',
  },
  REALTIME_OTHER_USER: {
    kind: 'forbidden',
    meaning: 'The new token belongs to another user than the socket.',
    fix: 'Open another socket for the other user.',
  },
  AUTH_TOKEN_EXPIRED: {
    kind: 'unauthenticated',
    meaning: 'The token of the socket expired. Sent as `closing`.',
    fix: 'Refresh the token and connect again.',
  },
  AUTH_REVOKED: {
    kind: 'unauthenticated',
    meaning: 'The login was revoked or the user disabled. Sent as `closing`.',
    fix: 'Sign in again.',
  },
  REALTIME_IDLE: {
    kind: 'unavailable',
    meaning: 'The socket had no subscription and sent nothing for too long. Sent as `closing`.',
    fix: 'Connect again when needed.',
  },
  REALTIME_SLOW_CONSUMER: {
    kind: 'rate_limited',
    meaning: 'The client did not read its messages. Sent as `closing`.',
    fix: 'Connect again and take a full cut.',
  },
});

const SPENT = {
  connections: 'REALTIME_CONNECTIONS_SPENT',
  cluster: 'REALTIME_CONNECTIONS_SPENT',
  user: 'REALTIME_USER_CONNECTIONS_SPENT',
  address: 'REALTIME_ADDRESS_CONNECTIONS_SPENT',
  handshakes: 'REALTIME_ADDRESS_CONNECTIONS_SPENT',
  rate: 'REALTIME_CONNECTS_TOO_FAST',
} as const;

const LIMITS = {
  connections: 'per process',
  cluster: 'in all processes',
  user: 'per user',
  address: 'per address',
  handshakes: 'unauthenticated per address',
  rate: 'new per second',
} as const;

export const connectionRefused = ({ budget, limit, retryAfterMs }: BudgetRefusal) =>
  realtimeError(
    SPENT[budget],
    `Connection limit reached (${limit} ${LIMITS[budget]}). Connect again in ${retryAfterMs} ms.`,
    { retryAfterMs, extra: { budget, limit } },
  );

export const originRefused = (origin: string) =>
  realtimeError('REALTIME_ORIGIN_REFUSED', `Pages of ${origin.slice(0, 200)} may not open sockets.`);

/** @param plain the request asks for a WebSocket but carries no upgrade */
export const transportRefused = (transport: string, plain = false) =>
  realtimeError(
    'REALTIME_TRANSPORT_REFUSED',
    plain
      ? 'The WebSocket request has no `Upgrade: websocket` header. A proxy in front may remove it.'
      : `Transport ${transport.slice(0, 40)} is off. Connect by WebSocket.`,
  );

export const draining = (retryAfterMs: number) =>
  realtimeError('REALTIME_DRAINING', `This process is stopping. Connect again in ${retryAfterMs} ms.`, {
    retryAfterMs,
  });

export const messagesTooFast = (limit: number, retryAfterMs: number) =>
  realtimeError(
    'REALTIME_MESSAGES_TOO_FAST',
    `Message limit reached (${limit} per second per socket). Retry in ${retryAfterMs} ms.`,
    { retryAfterMs },
  );

export const unknownEvent = (name: string, known: readonly string[]) =>
  realtimeError('REALTIME_UNKNOWN_EVENT', 'There is no such event.', {
    errors: [{ field: 'event', seen: name.slice(0, 60), allowed: known.join(', ') }],
  });

export const unknownNamespace = () =>
  realtimeError('REALTIME_UNKNOWN_NAMESPACE', 'There is no such namespace. Connect to one of those in /asyncapi.json.');

export const otherUser = () =>
  realtimeError('REALTIME_OTHER_USER', 'The new token belongs to another user. Open another socket for that user.');

/** Reasons for which the server closes a socket. Sent as `closing` before the close. */
export const CLOSING = {
  expired: realtimeError('AUTH_TOKEN_EXPIRED', "This socket's token expired. Refresh it and connect again."),
  revoked: realtimeError('AUTH_REVOKED', 'The login was revoked or the user disabled. Sign in again.'),
  idle: realtimeError('REALTIME_IDLE', 'The socket was idle for too long. Connect again when needed.'),
  slow: realtimeError('REALTIME_SLOW_CONSUMER', 'The client reads too slowly. Connect again and take a full cut.'),
  flooding: realtimeError(
    'REALTIME_MESSAGES_TOO_FAST',
    'The socket kept sending more messages per second than allowed. Connect again and send fewer.',
  ),
} as const;
