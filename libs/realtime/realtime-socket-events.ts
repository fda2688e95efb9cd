import { z } from 'zod';
import type { SocketEvent } from './socket-event.js';

/** `auth:refresh`. */
export const refreshMessage = z.strictObject({
  token: z.string({ error: 'an access token' }).max(16_384, { error: 'an access token' }),
});

const instant = z.iso.datetime();
const milliseconds = z.int().min(0);

/** The events that every namespace has. */
export const realtimeSocketEvents: readonly SocketEvent[] = [
  {
    name: 'auth:refresh',
    direction: 'client',
    about: 'Gives the socket a newer access token of the same user, so that it lives on.',
    schema: refreshMessage,
    ack: z.object({ expiresAt: instant }),
  },
  {
    name: 'auth:expiring',
    direction: 'server',
    about: 'The token of this socket ends soon: send auth:refresh, or be closed at expiresAt.',
    schema: z.object({ expiresAt: instant, inMs: milliseconds }),
  },
  {
    name: 'flow',
    direction: 'server',
    about:
      'How the stream goes: busy and normal (the connection budget), conflated (this client was too slow: so many deltas were dropped, a full cut came instead), stale and live (the database is away, or back).',
    schema: z.discriminatedUnion('state', [
      z.object({ state: z.enum(['busy', 'normal']), budget: z.literal('connections'), used: z.int(), limit: z.int() }),
      z.object({ state: z.literal('conflated'), dropped: z.int().min(1) }),
      z.object({ state: z.enum(['stale', 'live']), ageMs: milliseconds }),
    ]),
  },
  {
    name: 'server:draining',
    direction: 'server',
    about: 'This process goes away: connect again after reconnectInMs, a moment of this client’s own.',
    schema: z.object({ reconnectInMs: milliseconds }),
  },
  {
    name: 'closing',
    direction: 'server',
    about: 'Why the server closes this socket now; the last thing it sends.',
    schema: z.object({ code: z.string(), detail: z.string(), retryAfterMs: milliseconds.optional() }),
  },
];
