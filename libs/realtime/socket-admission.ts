import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator, isOperator } from '#auth';
import type { DomainError } from '#errors';
import { HttpConnections } from '#http';
import { SparseLog, withCorrelation } from '#telemetry';
import type { ConnectionBudget } from './budgets/connection-budget.js';
import { FlowNotices } from './flow/flow-notices.js';
import { LINGER_MS, terminate } from './terminate.js';
import { LiveSocket } from './live-socket.js';
import { LiveSockets } from './live-sockets.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { connectionRefused, draining } from './realtime.errors.js';
import { SocketProblem } from './socket-problem.js';
import { SocketShares } from './budgets/socket-shares.js';

/** Time in ms before a refused connection is terminated, so the refusal can arrive. */
const FAREWELL_MS = 250;

type Connection = Socket['conn'];

/**
 * Admits connections: checks the budgets first, because that is cheap, then the token. Nest's guards never run for a
 * connection.
 */
@Injectable()
export class SocketAdmission {
  private readonly logger = new Logger(SocketAdmission.name);
  readonly #log = new SparseLog(this.logger);
  readonly budget: ConnectionBudget;
  /** Connections that have sent a token. */
  readonly #sentToken = new WeakSet<object>();
  readonly #authenticated = new WeakSet<object>();
  /** Ends the handshake of a connection, once. */
  readonly #handshakes = new WeakMap<object, () => void>();
  /** Admitted sockets of a connection: one for each namespace. */
  readonly #joined = new WeakMap<object, number>();
  readonly flow: FlowNotices;

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly authenticator: Authenticator,
    private readonly sockets: LiveSockets,
    private readonly problem: SocketProblem,
    private readonly connections: HttpConnections,
    private readonly shares: SocketShares,
    @InjectMetric('realtime_refusals_total') private readonly refusals: Counter,
    @InjectMetric('realtime_connections_limit') limit: Gauge,
  ) {
    this.budget = shares.budget;
    this.flow = new FlowNotices(sockets, this.budget);
    limit.set(config.maxConnections);
  }

  /** Called before anything is allocated for a connection. @returns why its address may not open another one */
  refusalOf(request: IncomingMessage): DomainError | undefined {
    const address = this.connections.addressOf(request);
    const flood = this.budget.floods(address);
    if (flood === undefined) return undefined;
    const error = connectionRefused(flood);
    this.#count(error.code, address);
    return error;
  }

  /**
   * Authenticates the connections of a namespace. A refused client finds the problem document in `connect_error.data`,
   * as over HTTP.
   */
  guard(namespace: Namespace): void {
    namespace.use((socket, next) => {
      void withCorrelation(undefined, async () => {
        try {
          await this.#admit(socket);
          next();
        } catch (error) {
          next(this.#refuse(socket, error));
        }
      });
    });
    namespace.on('connection', (socket) => this.flow.greet(this.sockets.of(socket)));
  }

  /**
   * Counts a connection against its address until it has authenticated. Terminates it when it sends no token in time,
   * when its token cannot be verified in time, or when it stays open after its close.
   */
  expect(connection: Connection): void {
    this.#beginHandshake(connection);
    connection.once('close', () => {
      this.#handshakes.get(connection)?.();
      setTimeout(() => terminate(connection), LINGER_MS).unref();
    });
  }

  #beginHandshake(connection: Connection): void {
    const address = this.connections.addressOf(connection.request as IncomingMessage);
    this.#sentToken.delete(connection);
    this.#authenticated.delete(connection);
    this.budget.beginHandshake(address);
    const timers = [
      this.#terminateAfter(this.config.handshakeTimeoutMs, connection, this.#sentToken),
      this.#terminateAfter(this.config.authenticationTimeoutMs, connection, this.#authenticated),
    ];
    this.#handshakes.set(connection, () => {
      this.#handshakes.delete(connection);
      timers.forEach(clearTimeout);
      this.budget.endHandshake(address);
    });
  }

  #terminateAfter(ms: number, connection: Connection, unless: WeakSet<object>): NodeJS.Timeout {
    return setTimeout(() => {
      if (!unless.has(connection)) terminate(connection);
    }, ms).unref();
  }

  async #admit(socket: Socket): Promise<void> {
    this.#sentToken.add(socket.conn);
    const address = this.connections.addressOf(socket.request);
    if (this.sockets.draining) throw draining(Math.round(Math.random() * this.config.reconnectSpreadMs));
    const early = this.budget.checkBeforeToken(address, Date.now());
    if (early) throw connectionRefused(early);
    const token: unknown = (socket.handshake.auth as { token?: unknown } | undefined)?.token;
    const principal = await this.authenticator.authenticate(token);
    this.#assertOpen(socket);
    const late = await this.shares.enter(principal.userId, address, isOperator(principal));
    if (late) throw connectionRefused(late);
    try {
      this.#assertOpen(socket);
    } catch (error) {
      this.shares.leave(principal.userId, address);
      throw error;
    }
    // `handshake` lives as long as the socket. A heap dump or a log of it must not contain the token.
    socket.handshake.auth = {};
    (socket.data as { principal?: unknown }).principal = principal;
    const live = new LiveSocket(socket, token as string, address, Date.now(), this.config);
    this.sockets.add(live);
    this.#authenticated.add(socket.conn);
    const { conn } = socket;
    this.#handshakes.get(conn)?.();
    this.#joined.set(conn, (this.#joined.get(conn) ?? 0) + 1);
    // Watches the connection, not the socket: a client that disconnects between here and `connect` never emits
    // `disconnect`.
    let gone = false;
    const leave = (reason: string) => {
      if (gone) return;
      gone = true;
      conn.off('close', leave);
      this.sockets.remove(live, reason);
      this.shares.leave(principal.userId, address);
      this.flow.changed(principal.userId, address);
      this.#leaveConnection(conn);
    };
    socket.once('disconnect', leave);
    conn.once('close', leave);
    this.flow.changed(principal.userId, address);
  }

  /** A connection without sockets is in no budget but that of handshakes, so it has to open one in time. */
  #leaveConnection(connection: Connection): void {
    const left = this.#joined.get(connection)! - 1;
    this.#joined.set(connection, left);
    if (left === 0 && connection.readyState === 'open') this.#beginHandshake(connection);
  }

  /** @throws Error if the client disconnected during its handshake */
  #assertOpen(socket: Socket): void {
    // socket.io clears `conn` when it closes.
    if (!socket.conn || socket.conn.readyState !== 'open')
      throw new Error('The client disconnected during its handshake.');
  }

  #refuse(socket: Socket, error: unknown): Error {
    const problem = this.problem.of(error);
    this.#count(problem.code, this.connections.addressOf(socket.request));
    if (problem.status === 500) this.logger.error({ msg: 'a handshake failed', err: error });
    this.#terminateAfter(FAREWELL_MS, socket.conn, this.#authenticated);
    return Object.assign(new Error(problem.code), { data: problem });
  }

  #count(reason: string, address: string): void {
    this.refusals.inc({ reason });
    this.#log.warn('sockets refused', { reason, address });
  }
}
