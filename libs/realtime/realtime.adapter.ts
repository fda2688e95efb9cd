import { type IncomingMessage, type Server as HttpServer, ServerResponse } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { lastValueFrom, type Observable } from 'rxjs';
import { Server, type Socket } from 'socket.io';
import { HttpConnections, parseRequest } from '#http';
import { LiveSockets } from './live-sockets.js';
import { type AnswerMessage, MessageGate } from './message-gate.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { originRefused, transportRefused, unknownNamespace } from './realtime.errors.js';
import { refreshMessage } from './realtime-socket-events.js';
import { SocketAdmission } from './socket-admission.js';
import { SocketProblem } from './socket-problem.js';

/**
 * How long a closed connection waits for the next poll of its client, to tell it so, in ms. A client polls again within a round
 * trip. Engine.io's own limit, 30 s, also delays the end of a process.
 */
const LAST_POLL_MS = 1_000;

/** Query parameters that engine.io parses from a request. */
type EngineRequest = IncomingMessage & { _query: Record<string, unknown> };

/**
 * socket.io under Nest with the desk's budgets, authentication and errors: `app.useWebSocketAdapter(new
 * RealtimeAdapter(app))`.
 */
export class RealtimeAdapter extends IoAdapter {
  private server: Server | undefined;

  /**
   * @param options.origins other origins whose pages may open sockets
   * @param options.publicUrl address that users open. Its pages may open sockets
   */
  constructor(
    private readonly app: INestApplicationContext,
    private readonly options: { origins?: readonly string[]; publicUrl?: string | undefined } = {},
  ) {
    super(app);
  }

  /**
   * Typed `never`, because Nest's package brings its own copy of socket.io's types (and of socket.io, which is not
   * used).
   */
  override createIOServer(_port: number, options?: object): never {
    const config = this.app.get<RealtimeConfig>(realtimeConfig.token);
    const { origins = [] } = this.options;
    const admission = this.app.get(SocketAdmission);
    const connections = this.app.get(HttpConnections, { strict: false });
    const originAllowed = allowedOrigins(origins, this.options.publicUrl);
    const server = new Server(this.httpServer as HttpServer, {
      ...options,
      // Deflate costs 300 KB per socket. Connection state recovery stays off, because it readmits a revoked token
      // without authentication.
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: config.maxMessageBytes,
      pingInterval: config.pingIntervalMs,
      pingTimeout: config.pingTimeoutMs,
      // The desk's own timeout must end first, because it does not wait for the client to agree.
      connectTimeout: config.authenticationTimeoutMs + 5_000,
      ...(origins.length > 0 ? { cors: { origin: [...origins] } } : {}),
      transports: config.polling ? ['websocket', 'polling'] : ['websocket'],
    });
    // Runs before the engine allocates a client for the connection.
    server.engine.use((request: EngineRequest, response: unknown, next: () => void) => {
      const { transport, sid } = request._query;
      const { origin } = request.headers;
      let refusal = connections.refusalOf(request);
      if (refusal !== undefined) return connections.refuse(targetOf(request, response), refusal);
      // A WebSocket arrives as an upgrade, never as a request with a response.
      if (transport === 'websocket' && response instanceof ServerResponse)
        refusal = transportRefused('websocket', true);
      else if (transport !== 'websocket' && !(config.polling && transport === 'polling'))
        refusal = transportRefused(String(transport));
      else if (origin !== undefined && !originAllowed(origin, request)) refusal = originRefused(origin);
      else if (sid === undefined) refusal = admission.refusalOf(request);
      if (refusal === undefined) return next();
      connections.refuse(targetOf(request, response), refusal);
    });
    const nowhere = unknownNamespace();
    server
      .of('/')
      .use((_socket, next) =>
        next(Object.assign(new Error(nowhere.code), { data: this.app.get(SocketProblem).of(nowhere) })),
      );
    server.engine.on('connection', (connection: Socket['conn']) => {
      admission.expect(connection);
      (connection.transport as { closeTimeout?: number }).closeTimeout = LAST_POLL_MS;
    });
    server.on('new_namespace', (namespace) => admission.guard(namespace));
    this.server = server;
    return server as never;
  }

  /**
   * Nest leaves the server open when it force-closes HTTP itself. Upgraded connections are not among those it closes.
   */
  override async close(_namespace: unknown): Promise<void> {
    const server = this.server;
    this.server = undefined;
    await server?.close();
  }

  override bindMessageHandlers(
    client: unknown,
    handlers: MessageMappingProperties[],
    transform: (data: unknown) => Observable<unknown>,
  ): void {
    const socket = client as Socket;
    const sockets = this.app.get(LiveSockets);
    const answers = new Map<string, AnswerMessage>();
    answers.set('auth:refresh', async (data) =>
      sockets.refresh(sockets.of(socket), parseRequest('message', refreshMessage, data).token),
    );
    for (const { message, callback, isAckHandledManually } of handlers) {
      answers.set(message as string, async (data, ack) => {
        const result = await lastValueFrom(transform((callback as AnswerMessage)(data, ack)), {
          defaultValue: undefined,
        });
        return isAckHandledManually ? undefined : result;
      });
    }
    this.app.get(MessageGate).bind(socket, answers);
  }
}

function targetOf(request: IncomingMessage, response: unknown): IncomingMessage['socket'] | ServerResponse {
  return response instanceof ServerResponse ? response : request.socket;
}

/** Allows pages of the server's own address, of `PUBLIC_URL` and of the listed origins. Programs send no Origin. */
function allowedOrigins(
  origins: readonly string[],
  publicUrl: string | undefined,
): (origin: string, request: IncomingMessage) => boolean {
  const allowed = new Set([...origins, ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])]);
  return (origin, { headers }) =>
    allowed.has(origin) || (URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase());
}
