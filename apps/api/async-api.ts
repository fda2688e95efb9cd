import { z } from 'zod';
import { dashboardSocketEvents, type PanelSet } from '#dashboard';
import { quoteSocketEvents } from '#portfolios';
import { realtimeSocketEvents, type SocketEvent } from '#realtime';
import { basePathOf } from './pages.js';

/** AsyncAPI 3.0 of the socket.io namespaces, from the schemas the server checks messages with. */
export function asyncApi(publicUrl: string | undefined, panels: PanelSet): object {
  const everywhere = Object.values(realtimeSocketEvents);
  const channels = { dashboard: dashboardSocketEvents(panels), quotes: quoteSocketEvents };
  const events: SocketEvent[] = [...Object.values(channels).flat(), ...everywhere];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Deskwire live',
      version: '1',
      description: 'socket.io; the access token goes in handshake.auth.token, never the query string.',
    },
    ...(publicUrl === undefined ? {} : { servers: { desk: serverOf(publicUrl) } }),
    channels: Object.fromEntries(
      Object.entries(channels).map(([channel, own]) => [
        channel,
        {
          address: `/${channel}`,
          messages: Object.fromEntries(
            [...own, ...everywhere].map(({ name }) => [named(name), { $ref: `#/components/messages/${named(name)}` }]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([channel, own]) =>
        [...own, ...(channel === 'dashboard' ? everywhere : [])].map(({ name, direction }) => [
          named(name),
          {
            action: direction === 'client' ? 'receive' : 'send',
            channel: { $ref: `#/channels/${channel}` },
            messages: [{ $ref: `#/channels/${channel}/messages/${named(name)}` }],
          },
        ]),
      ),
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

function named(event: string): string {
  return event.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase());
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
