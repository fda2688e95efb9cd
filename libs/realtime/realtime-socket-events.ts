import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { errorCode } from '#errors';
import type { SocketEvent } from './socket-event.js';

/** Message of `auth:refresh`. */
export const refreshMessage = z.strictObject({
  token: z.string({ error: 'an access token' }).max(16_384, { error: 'an access token' }),
});

const instant = z.iso.datetime();
const milliseconds = z.int().min(0);

const refreshed = z.object({ expiresAt: instant });
const expiring = z.object({ expiresAt: instant, inMs: milliseconds });
const flowState = z.discriminatedUnion('state', [
  z.object({
    state: z.enum(['busy', 'normal']),
    budget: z.enum(['connections', 'cluster', 'user', 'address']),
    used: z.int(),
    limit: z.int(),
  }),
  z.object({ state: z.literal('conflated'), dropped: z.int().min(1) }),
  z.object({ state: z.enum(['stale', 'live']), ageMs: milliseconds }),
]);
const draining = z.object({ reconnectInMs: milliseconds });
const closing = z.object({ code: errorCode, detail: z.string(), retryAfterMs: milliseconds.optional() });
publishSchemas({
  AuthExpiring: expiring,
  AuthRefresh: refreshMessage,
  AuthRefreshed: refreshed,
  FlowState: flowState,
  ServerDraining: draining,
  SocketClosing: closing,
});

/** The events that every namespace has. */
export const realtimeSocketEvents: readonly SocketEvent[] = [
  {
    name: 'auth:refresh',
    direction: 'client',
    about: 'Gives the socket a newer access token of the same user, so the socket stays open.',
    schema: refreshMessage,
    ack: refreshed,
  },
  {
    name: 'auth:expiring',
    direction: 'server',
    about: 'The token of this socket expires soon. Send auth:refresh, or the server closes the socket at expiresAt.',
    schema: expiring,
  },
  {
    name: 'flow',
    direction: 'server',
    about:
      'State of the stream. busy: 85 % of a connection budget are used (of the process, of all processes, of this user or of this address), also told to a socket that connects then. normal: that has passed. conflated: the client was too slow, so a full cut replaces the dropped frames. stale and live: the database is unreachable, or reachable again.',
    schema: flowState,
  },
  {
    name: 'server:draining',
    direction: 'server',
    about: 'This process is stopping. Connect again after reconnectInMs, a random delay per client.',
    schema: draining,
  },
  {
    name: 'closing',
    direction: 'server',
    about: 'Reason why the server closes this socket. It is the last event that the server sends.',
    schema: closing,
  },
];
