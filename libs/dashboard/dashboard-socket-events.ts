import { z } from 'zod';
import type { SocketEvent } from '#realtime';
import { dashboardBody } from './dashboard.dto.js';

/** Payload of `dashboard:subscribe`. */
export const subscribeMessage = z
  .strictObject({
    panels: z
      .array(z.string().max(60, { error: 'names of panels' }), { error: 'a list of panel names' })
      .max(32, { error: 'at most 32 names' })
      .optional(),
  })
  .default({});

/** Messages without a payload. */
export const emptyMessage = z.strictObject({}).nullable().optional();

const pointer = z.string().describe('JSON Pointer (RFC 6901)');
const operation = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: pointer, value: z.unknown() }),
  z.object({ op: z.literal('replace'), path: pointer, value: z.unknown() }),
  z.object({ op: z.literal('remove'), path: pointer }),
]);

/** All events of the namespace `/dashboard`. */
export const dashboardSocketEvents: readonly SocketEvent[] = [
  {
    name: 'dashboard:subscribe',
    direction: 'client',
    about: 'Watches these panels, or all of them. The acknowledgement is the cut that the first delta starts from.',
    schema: subscribeMessage,
    ack: dashboardBody,
  },
  {
    name: 'dashboard:unsubscribe',
    direction: 'client',
    about: 'Watches nothing any more.',
    schema: emptyMessage,
    ack: z.object({ subscribed: z.literal(false) }),
  },
  {
    name: 'dashboard:resync',
    direction: 'client',
    about: 'Asks for a full cut, when a delta does not start where the client stands.',
    schema: emptyMessage,
    ack: dashboardBody,
  },
  {
    name: 'dashboard:delta',
    direction: 'server',
    about:
      'The way from one cut to the next: an RFC 6902 patch of the document {snapshot, panels}. Whoever holds `from` and applies it holds what REST answers at `to`.',
    schema: z.object({ from: z.string(), to: z.string(), patch: z.array(operation) }),
  },
  {
    name: 'dashboard:snapshot',
    direction: 'server',
    about: 'A full cut, when a delta would not do.',
    schema: dashboardBody,
  },
  {
    name: 'dashboard:heartbeat',
    direction: 'server',
    about: 'The cut with this id still holds, as of ageMs ago.',
    schema: z.object({ id: z.string(), source: z.enum(['cache', 'stale']), ageMs: z.int().min(0) }),
  },
];
