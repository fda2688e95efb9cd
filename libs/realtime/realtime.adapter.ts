import type { Server as HttpServer } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { lastValueFrom, type Observable } from 'rxjs';
import { Server, type Socket } from 'socket.io';
import { parseRequest } from '#http';
import { LiveSockets } from './live-sockets.js';
import { type AnswerMessage, MessageGate } from './message-gate.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { unknownNamespace } from './realtime.errors.js';
import { refreshMessage } from './realtime-socket-events.js';
import { SocketDoor } from './socket-door.js';
import { SocketProblem } from './socket-problem.js';

/** socket.io under Nest with this house's budgets, authentication and errors: `app.useWebSocketAdapter(new RealtimeAdapter(app))`. */
export class RealtimeAdapter extends IoAdapter {
  private server: Server | undefined;

  /**
   * @param options.trustProxy addresses and networks of proxies whose X-Forwarded-For is trusted, as for HTTP
   * @param options.origins other origins whose pages may open sockets
   * @param options.closed refuses every socket: this process has no users
   */
  constructor(
    private readonly app: INestApplicationContext,
    private readonly options: { trustProxy?: readonly string[]; origins?: readonly string[]; closed?: boolean } = {},
  ) {
    super(app);
  }

  /** `never`: Nest's package brings its own copy of socket.io's types (and of socket.io, which is not used). */
  override createIOServer(_port: number, options?: object): never {
    const config = this.app.get<RealtimeConfig>(realtimeConfig.token);
    const { origins = [] } = this.options;
    const door = this.app.get(SocketDoor);
    door.trust(this.options.trustProxy ?? []);
    const server = new Server(this.httpServer as HttpServer, {
      ...options,
      // Deflate costs 300 KB a socket. Connection state recovery stays off: it lets a revoked token back in past the door.
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: config.maxMessageBytes,
      pingInterval: config.pingIntervalMs,
      pingTimeout: config.pingTimeoutMs,
      // Ours comes first, because it does not wait for the client to agree.
      connectTimeout: config.handshakeTimeoutMs + 5_000,
      ...(origins.length > 0 ? { cors: { origin: [...origins] } } : {}),
      // A flood is refused before the handshake; in between, at the door, with words.
      allowRequest: (_request, decide) => {
        if (this.options.closed) return decide('This process takes no sockets', false);
        const tooMany = server.engine.clientsCount >= config.maxConnections * 2 + 100;
        decide(tooMany ? 'Too many connections' : null, !tooMany);
      },
    });
    const nowhere = unknownNamespace();
    server
      .of('/')
      .use((_socket, next) =>
        next(Object.assign(new Error(nowhere.code), { data: this.app.get(SocketProblem).of(nowhere) })),
      );
    server.engine.on('connection', (connection: Socket['conn']) => door.expect(connection));
    server.on('new_namespace', (namespace) => door.guard(namespace));
    this.server = server;
    return server as never;
  }

  /** Nest leaves the server open when it force-closes HTTP itself; upgraded connections are not among what that closes. */
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
