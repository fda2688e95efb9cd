import { z } from 'zod';
import { dashboardSocketEvents, type PanelSet } from '#dashboard';
import { realtimeSocketEvents, type SocketEvent } from '#realtime';
import { basePathOf } from './pages.js';

/** AsyncAPI 3.0 of the socket.io namespace /dashboard, from the schemas the server checks messages with. */
export function asyncApi(publicUrl: string | undefined, panels: PanelSet): object {
  const events: SocketEvent[] = [...dashboardSocketEvents(panels), ...Object.values(realtimeSocketEvents)];
  const named = (name: string) => name.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase());
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Deskwire live',
      version: '1',
      description: 'socket.io; the access token goes in handshake.auth.token, never the query string.',
    },
    ...(publicUrl === undefined ? {} : { servers: { desk: serverOf(publicUrl) } }),
    channels: {
      dashboard: {
        address: '/dashboard',
        messages: Object.fromEntries(
          events.map((event) => [named(event.name), { $ref: `#/components/messages/${named(event.name)}` }]),
        ),
      },
    },
    operations: Object.fromEntries(
      events.map((event) => [
        named(event.name),
        {
          action: event.direction === 'client' ? 'receive' : 'send',
          channel: { $ref: '#/channels/dashboard' },
          messages: [{ $ref: `#/channels/dashboard/messages/${named(event.name)}` }],
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        events.map((event) => [
          named(event.name),
          {
            name: event.name,
            summary: event.about,
            payload: json(event.schema),
            ...(event.ack ? { 'x-acknowledgement': json(event.ack) } : {}),
          },
        ]),
      ),
    },
  };
}

function serverOf(publicUrl: string): object {
  const { host, protocol } = new URL(publicUrl);
  return {
    host,
    pathname: `${basePathOf(publicUrl)}/socket.io/`,
    protocol: protocol === 'https:' ? 'wss' : 'ws',
  };
}

function json(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
}
