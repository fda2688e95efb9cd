import { z } from 'zod';
import { jsonObject, jsonValue, publishSchemas } from '#schemas';
import type { SocketEvent } from '#realtime';
import { dashboardBody } from './dashboard.dto.js';

/** The app composes the panels, so it publishes their names and parameters. */
const panelName = z.string().max(60, { error: 'names of panels' });
const dashboardParameters = z.record(z.string().max(60), jsonObject);

/** Payload of `dashboard:subscribe`. */
export const subscribeMessage = z
  .strictObject({
    panels: z
      .union([z.array(panelName).max(32, { error: 'at most 32 names' }), dashboardParameters], {
        error: 'a list of panel names, or an object of parameters by panel name',
      })
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
  z.object({ op: z.literal('add'), path: pointer, value: jsonValue }),
  z.object({ op: z.literal('replace'), path: pointer, value: jsonValue }),
  z.object({ op: z.literal('remove'), path: pointer }),
]);

const delta = z.object({ from: z.string(), to: z.string(), patch: z.array(operation) });
const heartbeat = z.object({ id: z.string(), source: z.enum(['cache', 'stale']), ageMs: z.int().min(0) });
const unsubscribed = z.object({ subscribed: z.literal(false) });
publishSchemas({
  DashboardDelta: delta,
  DashboardHeartbeat: heartbeat,
  DashboardParameters: dashboardParameters,
  DashboardSubscription: subscribeMessage.unwrap(),
  DashboardUnsubscribed: unsubscribed,
  EmptyMessage: emptyMessage,
  PanelName: panelName,
  PatchOperation: operation,
});

/** All events of the namespace `/dashboard`. */
export const dashboardSocketEvents: readonly SocketEvent[] = [
  {
    name: 'dashboard:subscribe',
    direction: 'client',
    about: 'Watches these panels, or all of them. The acknowledgement is the cut that the first delta starts from.',
    schema: subscribeMessage.unwrap(),
    ack: dashboardBody,
  },
  {
    name: 'dashboard:unsubscribe',
    direction: 'client',
    about: 'Watches nothing any more.',
    schema: emptyMessage,
    ack: unsubscribed,
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
    schema: delta,
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
    about:
      'The cut with this id is the last one for this socket: it still holds, as of ageMs ago, or later changes wait for maxPerSecond.',
    schema: heartbeat,
  },
];
