import { z } from 'zod';
import type { SocketEvent } from '#realtime';
import type { PanelSet } from './cuts/panel-set.js';
import { dashboardBody } from './dashboard.dto.js';

/** Payload of `dashboard:subscribe`. */
export const subscribeMessage = z
  .strictObject({
    panels: z
      .union(
        [
          z.array(z.string().max(60, { error: 'names of panels' })).max(32, { error: 'at most 32 names' }),
          z.record(z.string().max(60), z.unknown()),
        ],
        { error: 'a list of panel names, or an object of parameters by panel name' },
      )
      .optional(),
    maxPerSecond: z
      .number({ error: 'a number from 0.1 to 10' })
      .min(0.1, { error: 'a number from 0.1 to 10' })
      .max(10, { error: 'a number from 0.1 to 10' })
      .optional()
      .describe('Maximum number of deltas per second. Changes in between are merged'),
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
export function dashboardSocketEvents(panels: PanelSet): readonly SocketEvent[] {
  const body = dashboardBody(panels.views);
  const subscription = z.strictObject({
    ...subscribeMessage.unwrap().shape,
    panels: z.union([z.array(z.enum(panels.names)), panels.parameters]).optional(),
  });
  return [
    {
      name: 'dashboard:subscribe',
      direction: 'client',
      about: 'Watches these panels, or all of them. The acknowledgement is the cut that the first delta starts from.',
      schema: subscription,
      ack: body,
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
      ack: body,
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
      schema: body,
    },
    {
      name: 'dashboard:heartbeat',
      direction: 'server',
      about: 'The cut with this id still holds, as of ageMs ago.',
      schema: z.object({ id: z.string(), source: z.enum(['cache', 'stale']), ageMs: z.int().min(0) }),
    },
  ];
}
