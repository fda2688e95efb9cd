import { dashboardSocketEvents } from '#dashboard';
import { quoteSocketEvents } from '#portfolios';
import { realtimeSocketEvents, type SocketEvent } from '#realtime';
import type { SchemaComponents } from '#schemas';

/** Where clients reach the sockets. */
export interface SocketServer {
  host: string;
  /** Path under which clients reach the desk, e.g. `/desk`, or nothing. */
  basePath: string;
  secure: boolean;
}

interface Message {
  name: string;
  title: string;
  summary: string;
  payload: object;
}

const NAMESPACES: Record<string, string> = {
  dashboard: 'Cuts of the dashboard and the changes between them',
  quotes: 'Quotes from operators',
};

/** AsyncAPI 3 of the socket.io namespaces, from the schemas the server checks messages with. `serversOf` adds its servers. */
export function asyncApi(components: SchemaComponents, contact: object): object {
  const namespaces = { dashboard: dashboardSocketEvents, quotes: quoteSocketEvents };
  const channels = Object.entries(namespaces).map(([name, own]) => ({
    name,
    events: [...own, ...realtimeSocketEvents],
  }));
  const events = [...Object.values(namespaces).flat(), ...realtimeSocketEvents];
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Deskwire live',
      version: '1',
      description:
        'socket.io 4. Each channel is a namespace, each message an event, and each reply the acknowledgement of its event. ' +
        'A handshake that is refused ends in `connect_error`, whose `data` is a problem.',
      contact,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: Object.entries(NAMESPACES).map(([name, description]) => ({ name, description })),
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels.map(({ name, events: own }) => [name, channelOf(name, own)])),
    operations: Object.fromEntries(
      channels.flatMap(({ name, events: own }) =>
        own.map((event) => [operationId(name, event), operationOf(name, event)]),
      ),
    ),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An access token or an API key, sent as `auth.token` of the socket.io handshake, never in the URL. ' +
            '`auth:refresh` replaces it while the socket is open.',
        },
      },
      messages: Object.fromEntries([
        ...events.flatMap((event) => messagesOf(event, components)),
        [
          'problem',
          {
            name: 'problem',
            title: 'Problem',
            summary: 'Acknowledgement of a message that is refused. Other messages of the socket are not affected.',
            payload: { $ref: '#/components/schemas/Problem' },
          },
        ],
      ]),
    },
  };
}

/** The server of the document. */
export function serversOf({ host, basePath, secure }: SocketServer): object {
  const desk = {
    host,
    pathname: `${basePath}/socket.io/`,
    protocol: secure ? 'wss' : 'ws',
    description: 'socket.io 4 over WebSocket (`transports: ["websocket"]`)',
    security: [{ $ref: '#/components/securitySchemes/bearer' }],
  };
  return { desk };
}

function channelOf(name: string, events: readonly SocketEvent[]): object {
  const messages = [...events.flatMap((event) => [keyOf(event), ...(event.ack ? [ackKeyOf(event)] : [])]), 'problem'];
  return {
    address: `/${name}`,
    title: `/${name}`,
    description: NAMESPACES[name],
    servers: [{ $ref: '#/servers/desk' }],
    tags: [{ name }],
    messages: Object.fromEntries(messages.map((key) => [key, { $ref: `#/components/messages/${key}` }])),
  };
}

/** The server receives the events of clients and sends the others. */
function operationOf(channel: string, event: SocketEvent): object {
  const place = { $ref: `#/channels/${channel}` };
  const message = (key: string) => ({ $ref: `#/channels/${channel}/messages/${key}` });
  return {
    action: event.direction === 'client' ? 'receive' : 'send',
    title: event.name,
    description: event.about,
    channel: place,
    tags: [{ name: channel }],
    messages: [message(keyOf(event))],
    ...(event.ack && { reply: { channel: place, messages: [message(ackKeyOf(event)), message('problem')] } }),
  };
}

/** The message of an event, and that of its acknowledgement. */
function messagesOf(event: SocketEvent, components: SchemaComponents): [key: string, message: Message][] {
  const { name, about, schema, ack, direction } = event;
  const own: Message = {
    name,
    title: name,
    summary: about,
    payload: components.use(schema, direction === 'client' ? 'input' : 'output'),
  };
  if (ack === undefined) return [[keyOf(event), own]];
  const answer: Message = {
    name: ackKeyOf(event),
    title: `Acknowledgement of ${name}`,
    summary: `The first argument of the acknowledgement of ${name}, when it succeeds.`,
    payload: components.use(ack, 'output'),
  };
  return [
    [keyOf(event), own],
    [ackKeyOf(event), answer],
  ];
}

/** Events that every namespace has are an operation of each. */
function operationId(channel: string, event: SocketEvent): string {
  const key = keyOf(event);
  return key.startsWith(channel) ? key : `${channel}${key[0]!.toUpperCase()}${key.slice(1)}`;
}

function keyOf({ name }: SocketEvent): string {
  return name.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase());
}

function ackKeyOf(event: SocketEvent): string {
  return `${keyOf(event)}Ack`;
}
