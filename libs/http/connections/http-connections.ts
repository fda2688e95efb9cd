import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Counter, Gauge } from 'prom-client';
import type { DomainError } from '#errors';
import { declareMetrics } from '#metrics';
import { SparseLog } from '#telemetry';
import { httpConfig, type HttpConfig } from '../http.config.js';
import { hasTwoHosts, twoHosts } from '../methods/host-header.js';
import { isWorker } from '../probes-only.js';
import { answerOnSocket, answerResponse } from '../raw-problems.js';
import { ClientAddresses } from './client-addresses.js';
import { type Connection, ConnectionTable, type Spent } from './connection-table.js';
import { addressSpent, connectionsSpent } from './connections.errors.js';
import { connectionsBelow, openFilesLimit } from './file-limit.js';

const CONNECTION = Symbol('deskwire:connection');
const REFUSED = Symbol('deskwire:refused');
const ANONYMOUS = Symbol('deskwire:anonymous');

type Tracked = Socket & { [CONNECTION]?: Connection; [REFUSED]?: DomainError };
/** The address under which a request that came through a trusted proxy is counted until its caller is known. */
type Counted = FastifyRequest & { [ANONYMOUS]?: string | undefined };

/** Idle time by use of the limit: `[share used, share of the usual idle time]`. */
const IDLE_TIMES = [
  [0.9, 1 / 72],
  [0.75, 5 / 72],
  [0.5, 10 / 72],
] as const;
const SWEEP_MS = 1_000;

export const connectionMetrics = declareMetrics('http', {
  http_connections: { type: 'gauge', help: 'Connections open now, sockets included' },
  http_connections_limit: { type: 'gauge', help: 'Connections that this process accepts' },
  http_connections_refused_total: {
    type: 'counter',
    help: 'Connections and requests refused, by the limit that was reached',
    labels: { limit: ['total', 'address'] },
  },
  http_connections_evicted_total: {
    type: 'counter',
    help: 'Idle connections closed for others, by the limit that was reached (idle: by load)',
    labels: { limit: ['total', 'address', 'idle'] },
  },
});

/** Whether a connection is refused: then its request is answered with the reason, and no protocol is switched. */
export function isRefused(socket: Socket): boolean {
  return (socket as Tracked)[REFUSED] !== undefined;
}

/** Bounds connections by process and by address, and names the client of a request behind trusted proxies. */
@Injectable()
export class HttpConnections {
  readonly #log = new SparseLog(new Logger('HTTP'));
  readonly #table: ConnectionTable;
  readonly #anonymous = new Map<string, number>();
  #addresses = new ClientAddresses([]);
  #server: Server | undefined;
  #probesOnly = false;
  #waiting = 0;
  #sweptAt = 0;

  constructor(
    @Inject(httpConfig.token) private readonly config: HttpConfig,
    @InjectMetric('http_connections') private readonly open: Gauge,
    @InjectMetric('http_connections_limit') limit: Gauge,
    @InjectMetric('http_connections_refused_total') private readonly refused: Counter,
    @InjectMetric('http_connections_evicted_total') private readonly evicted: Counter,
  ) {
    const total = config.maxConnections || connectionsBelow(openFilesLimit());
    this.#table = new ConnectionTable({
      total,
      perAddress: config.maxPerAddress,
      graceMs: config.graceMs,
      heavyGraceMs: config.heavyGraceMs,
      reserved: Math.floor((total * config.reservedPercent) / 100),
      few: config.fewConnections,
    });
    limit.set(total);
    // A counter that begins at 1 shows no increase to Prometheus.
    for (const reached of ['total', 'address']) this.refused.inc({ limit: reached }, 0);
    for (const reached of ['total', 'address', 'idle']) this.evicted.inc({ limit: reached }, 0);
  }

  /**
   * Call before any other hook is added, so that a refused connection costs nothing else.
   * @param trustProxy addresses or networks of proxies whose X-Forwarded-For is trusted
   * @param probesOnly this process takes no sockets
   */
  attach(fastify: FastifyInstance, trustProxy: readonly string[], probesOnly: boolean): void {
    this.#probesOnly = probesOnly;
    this.#addresses = new ClientAddresses(trustProxy);
    this.#server = fastify.server;
    fastify.server.prependListener('connection', (socket: Tracked) => this.#opened(socket));
    fastify.server.prependListener('upgrade', ({ socket }: IncomingMessage) => {
      const connection = (socket as Tracked)[CONNECTION];
      if (connection) this.#table.upgrade(connection);
    });
    fastify.addHook('onRequest', (request: Counted, reply, done) => {
      const { [CONNECTION]: connection, [REFUSED]: refusal } = request.raw.socket as Tracked;
      if (refusal !== undefined) {
        void reply.header('Connection', 'close');
        return done(refusal);
      }
      if (connection === undefined) return done();
      connection.active += 1;
      reply.raw.once('close', () => {
        connection.active -= 1;
        connection.idleSince = Date.now();
        this.#forget(request);
      });
      done(connection.exempt ? this.#count(request) : undefined);
    });
  }

  /** The caller of a request is known: it counts no longer against the limit of its address. */
  admitted(request: FastifyRequest, userId: string | undefined): void {
    if (userId === undefined) return;
    const connection = (request.raw.socket as Tracked)[CONNECTION];
    if (connection === undefined) return;
    if (connection.exempt) this.#forget(request);
    else if (connection.holder !== `user:${userId}`) this.#table.own(connection, userId);
  }

  /** The address of the client of a request, behind trusted proxies the forwarded one. */
  addressOf(request: IncomingMessage): string {
    return this.#addresses.ofRequest(request);
  }

  /** Why a request that no hook sees is refused, if it is. */
  refusalOf({ socket, rawHeaders }: IncomingMessage): DomainError | undefined {
    if (this.#probesOnly) return isWorker();
    return (socket as Tracked)[REFUSED] ?? (hasTwoHosts(rawHeaders) ? twoHosts() : undefined);
  }

  /** Answers a request that no route sees with a problem document, and ends its connection. */
  refuse(to: Socket | ServerResponse, error: DomainError): void {
    if (to instanceof ServerResponse) answerResponse(to, error);
    else answerOnSocket(to, error);
  }

  #opened(socket: Tracked): void {
    const now = Date.now();
    const address = this.#addresses.of(socket.remoteAddress ?? '', undefined);
    const connection: Connection = {
      address,
      exempt: this.#addresses.isProxy(address),
      holder: undefined,
      active: 0,
      upgraded: false,
      idleSince: now,
      close: () => socket.destroy(),
    };
    const { refused, evicted } = this.#table.open(connection, now);
    if (evicted !== undefined) this.evicted.inc({ limit: evicted });
    if (refused !== undefined) return this.#refuseConnection(socket, refused, address);
    socket[CONNECTION] = connection;
    socket.once('close', () => {
      this.#table.remove(connection);
      this.open.set(this.#table.size);
      this.#adaptIdleTime();
    });
    this.open.set(this.#table.size);
    this.#adaptIdleTime();
  }

  /** It may send its request and read why it is refused, for a short time. */
  #refuseConnection(socket: Tracked, limit: Spent, address: string): void {
    this.refused.inc({ limit });
    const { total, perAddress } = this.#table.limits;
    this.#log.warn('connections refused', {
      limit,
      allowed: limit === 'total' ? total : perAddress,
      open: this.#table.size,
      address,
    });
    const error = limit === 'total' ? connectionsSpent(total) : addressSpent('connections', perAddress);
    if (this.#waiting >= this.config.maxRefused) {
      answerOnSocket(socket, error);
      socket.destroySoon();
      return;
    }
    socket[REFUSED] = error;
    this.#waiting += 1;
    const timer = setTimeout(() => socket.destroy(), this.config.graceMs).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#waiting -= 1;
    });
  }

  /** One more request of a client behind a trusted proxy. */
  #count(request: Counted): DomainError | undefined {
    const address = request.ip;
    const count = this.#anonymous.get(address) ?? 0;
    const { perAddress } = this.#table.limits;
    if (count >= perAddress) {
      this.refused.inc({ limit: 'address' });
      this.#log.warn('requests of an address behind a proxy refused', { allowed: perAddress, address });
      return addressSpent('concurrent requests', perAddress);
    }
    this.#anonymous.set(address, count + 1);
    request[ANONYMOUS] = address;
    return undefined;
  }

  #forget(request: Counted): void {
    const address = request[ANONYMOUS];
    if (address === undefined) return;
    request[ANONYMOUS] = undefined;
    const left = this.#anonymous.get(address)! - 1;
    if (left > 0) this.#anonymous.set(address, left);
    else this.#anonymous.delete(address);
  }

  /** Under load an idle connection is worth less than a new one. Node reads `keepAliveTimeout` after each answer. */
  #adaptIdleTime(): void {
    const used = this.#table.size / this.#table.limits.total;
    const [, share] = IDLE_TIMES.find(([above]) => used >= above) ?? [0, 1];
    const ms = this.config.keepAliveMs * share;
    if (this.#server) this.#server.keepAliveTimeout = ms;
    const now = Date.now();
    if (share === 1 || now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    const closed = this.#table.closeIdle(ms, now);
    if (closed > 0) this.evicted.inc({ limit: 'idle' }, closed);
  }
}
