import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator, isOperator } from '#auth';
import type { DomainError } from '#errors';
import { HttpConnections } from '#http';
import { SparseLog, withCorrelation } from '#telemetry';
import { ConnectionBudget } from './connection-budget.js';
import { terminate } from './terminate.js';
import { LiveSocket } from './live-socket.js';
import { LiveSockets } from './live-sockets.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { connectionRefused, draining } from './realtime.errors.js';
import { SocketProblem } from './socket-problem.js';

/** Time in ms before a refused connection is terminated, so the refusal can arrive. */
const FAREWELL_MS = 250;

/** Time in ms to answer a close frame. ws itself waits 30 s, during which the server cannot stop. */
const LINGER_MS = 1_000;

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
  #warned = false;

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly authenticator: Authenticator,
    private readonly sockets: LiveSockets,
    private readonly problem: SocketProblem,
    private readonly connections: HttpConnections,
    @InjectMetric('realtime_refusals_total') private readonly refusals: Counter,
    @InjectMetric('realtime_connections_limit') limit: Gauge,
  ) {
    const total = config.maxConnections;
    this.budget = new ConnectionBudget({
      total,
      forOperators: Math.floor((total * config.operatorPercent) / 100),
      handshakesPerAddress: config.maxHandshakesPerAddress,
      perUser: config.maxPerUser || Math.max(1, Math.ceil(total / 2)),
      perAddress: config.maxPerAddress || total,
      perSecond: config.connectsPerSecond,
    });
    limit.set(total);
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
  }

  /**
   * Counts a connection against its address until it has authenticated. Terminates it when it sends no token in time,
   * when its token cannot be verified in time, or when it stays open after its close.
   */
  expect(connection: Connection): void {
    const address = this.connections.addressOf(connection.request as IncomingMessage);
    this.budget.beginHandshake(address);
    let begun = true;
    const end = () => {
      if (begun) this.budget.endHandshake(address);
      begun = false;
    };
    this.#handshakes.set(connection, end);
    connection.once('close', end);
    this.#terminateAfter(this.config.handshakeTimeoutMs, connection, this.#sentToken);
    this.#terminateAfter(this.config.authenticationTimeoutMs, connection, this.#authenticated);
    connection.once('close', () => setTimeout(() => terminate(connection), LINGER_MS).unref());
  }

  #terminateAfter(ms: number, connection: Connection, unless: WeakSet<object>): void {
    const timer = setTimeout(() => {
      if (!unless.has(connection)) terminate(connection);
    }, ms);
    connection.once('close', () => clearTimeout(timer));
  }

  async #admit(socket: Socket): Promise<void> {
    this.#sentToken.add(socket.conn);
    const address = this.connections.addressOf(socket.request);
    if (this.sockets.draining) throw draining(Math.round(Math.random() * this.config.reconnectSpreadMs));
    const early = this.budget.checkBeforeToken(address, Date.now());
    if (early) throw connectionRefused(early);
    const token: unknown = (socket.handshake.auth as { token?: unknown } | undefined)?.token;
    const principal = await this.authenticator.authenticate(token);
    if (!socket.conn || socket.conn.readyState !== 'open')
      throw new Error('The client disconnected during its handshake.');
    const late = this.budget.enter(principal.userId, address, isOperator(principal));
    if (late) throw connectionRefused(late);
    // `handshake` lives as long as the socket. A heap dump or a log of it must not contain the token.
    socket.handshake.auth = {};
    (socket.data as { principal?: unknown }).principal = principal;
    const live = new LiveSocket(socket, token as string, address, Date.now(), this.config);
    this.sockets.add(live);
    this.#authenticated.add(socket.conn);
    this.#handshakes.get(socket.conn)?.();
    // Watches the connection, not the socket: a client that disconnects between here and `connect` never emits
    // `disconnect`.
    let gone = false;
    const leave = () => {
      if (gone) return;
      gone = true;
      socket.conn.off('close', leave);
      this.sockets.remove(live);
      this.budget.leave(principal.userId, address);
      this.#announcePressure();
    };
    socket.once('disconnect', leave);
    socket.conn.once('close', leave);
    this.#announcePressure();
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

  /** Tells all sockets once when 85 % of the budget is used, and once when that has passed. */
  #announcePressure(): void {
    const near = this.budget.nearlySpent;
    if (near === this.#warned) return;
    this.#warned = near;
    const message = {
      state: near ? 'busy' : 'normal',
      budget: 'connections',
      used: this.budget.used,
      limit: this.budget.limits.total,
    };
    for (const live of this.sockets.all) live.send('flow', message);
  }
}
