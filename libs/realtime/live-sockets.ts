import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Authenticator } from '#auth';
import { Background } from '#background';
import { Changes } from '#changes';
import { DomainError } from '#errors';
import { ShutdownSequence } from '#telemetry';
import { CLOSING, otherUser } from './realtime.errors.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { KeyedGroups } from './flow/keyed-groups.js';
import type { LiveSocket } from './live-socket.js';
import type { SocketFrame } from './socket-frame.js';
import { judgeLife } from './socket-life.js';

const CATCH_UP_MS = 50;
/** Time in ms between the `server:draining` event and the close. */
const FAREWELL_MS = 250;

const DRAINING = 'draining';
/** Reasons of socket.io for which a socket ends, in the words of `realtime_closed_total`. The others are the client's. */
const ENDED: Readonly<Record<string, string>> = {
  'ping timeout': 'dead',
  'parse error': 'malformed',
  'transport error': 'malformed',
  'server shutting down': DRAINING,
};
const LEFT = 'left';

/** The sockets of this process. Warns and closes them: token expiry, revocation, idling, slow readers, shutdown. */
@Injectable()
export class LiveSockets implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LiveSockets.name);
  readonly #sockets = new Map<string, LiveSocket>();
  readonly #users = new KeyedGroups<LiveSocket>();
  readonly #addresses = new KeyedGroups<LiveSocket>();
  readonly #behind = new Set<LiveSocket>();
  #catchUp: NodeJS.Timeout | undefined;
  #added: ((size: number) => void) | undefined;
  /** Closed sockets by reason, and dropped frames, since the start of the process. */
  readonly closedBy = new Map<string, number>();
  droppedFrames = 0;
  draining = false;

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly authenticator: Authenticator,
    private readonly changes: Changes,
    private readonly shutdown: ShutdownSequence,
    @InjectMetric('realtime_connections') private readonly open: Gauge,
    @InjectMetric('realtime_closed_total') private readonly closed: Counter,
    @InjectMetric('realtime_conflated_total') private readonly conflated: Counter,
  ) {
    // A counter that begins at 1 shows no increase to Prometheus.
    for (const reason of [...Object.keys(CLOSING), ...Object.values(ENDED), LEFT]) {
      this.closedBy.set(reason, 0);
      closed.inc({ reason }, 0);
    }
  }

  onModuleInit(): void {
    this.changes.onChange('users', (userIds) => this.verifyAgain(userIds));
    this.shutdown.onDrain('sockets', () => this.drain());
  }

  onApplicationShutdown(): void {
    clearInterval(this.#catchUp);
  }

  get all(): Iterable<LiveSocket> {
    return this.#sockets.values();
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Calls the listener with the number of sockets after each new one. */
  onAdded(listener: (size: number) => void): void {
    this.#added = listener;
  }

  /** Sockets that are conflated now. */
  get behind(): number {
    return this.#behind.size;
  }

  /** Highest number of sockets of one user, and of one address. */
  get largest(): { user: number; address: number } {
    return { user: this.#users.largest, address: this.#addresses.largest };
  }

  ofUser(userId: string): ReadonlySet<LiveSocket> {
    return this.#users.of(userId);
  }

  ofAddress(address: string): ReadonlySet<LiveSocket> {
    return this.#addresses.of(address);
  }

  /** @throws Error if the socket has not been admitted */
  of(socket: { id: string }): LiveSocket {
    const live = this.#sockets.get(socket.id);
    if (live === undefined) throw new Error('This socket is closed or was never admitted.');
    return live;
  }

  add(live: LiveSocket): void {
    this.#sockets.set(live.socket.id, live);
    this.#users.add(live.principal.userId, live);
    this.#addresses.add(live.address, live);
    this.open.set(this.#sockets.size);
    this.#added?.(this.#sockets.size);
  }

  /** @param reason why it ended, in socket.io's words */
  remove(live: LiveSocket, reason: string): void {
    this.#sockets.delete(live.socket.id);
    this.#behind.delete(live);
    this.#users.remove(live.principal.userId, live);
    this.#addresses.remove(live.address, live);
    this.open.set(this.#sockets.size);
    if (!live.closing) this.#countClosed(this.draining ? DRAINING : (ENDED[reason] ?? LEFT));
  }

  /** Like `LiveSocket.offer`, and closes or watches a socket that falls behind. */
  offer(live: LiveSocket, frame: SocketFrame): boolean {
    if (live.closing) return false;
    if (live.offer(frame)) return true;
    this.droppedFrames += 1;
    this.conflated.inc();
    if (live.isChoked) this.close(live, 'slow');
    else this.#watchCatchUp(live);
    return false;
  }

  /** @param reads false if the client does not read */
  close(live: LiveSocket, reason: keyof typeof CLOSING, reads = true): void {
    if (live.closing) return;
    this.#countClosed(reason);
    this.logger.log({ msg: 'socket closed', reason, userId: live.principal.userId, unsentBytes: live.unsent });
    live.close(CLOSING[reason], reads);
  }

  #countClosed(reason: string): void {
    this.closed.inc({ reason });
    this.closedBy.set(reason, (this.closedBy.get(reason) ?? 0) + 1);
  }

  /**
   * Refreshes the token in-band (AUTH4). On an error the socket keeps its old token. @throws DomainError
   * AUTH_UNAUTHENTICATED or REALTIME_OTHER_USER
   */
  async refresh(live: LiveSocket, token: string): Promise<{ expiresAt: string }> {
    const principal = await this.authenticator.authenticate(token);
    if (principal.userId !== live.principal.userId) throw otherUser();
    live.become(principal, token);
    return { expiresAt: principal.expiresAt.toISOString() };
  }

  /** Runs once per second for all sockets together instead of one timer per socket. */
  @Background({ name: 'realtime-sweep', every: 1_000, role: 'every-process', whenReadOnly: 'run' })
  sweepNow(): void {
    this.sweep(Date.now());
  }

  /** Warns and closes sockets by `judgeLife`, and closes those that do not read. */
  sweep(now: number): void {
    for (const live of [...this.#sockets.values()]) {
      const verdict = judgeLife(live, now, this.config.expiryWarningMs, this.config.idleMs);
      if (live.isChoked || live.isStalled(performance.now())) this.close(live, 'slow', false);
      else if (verdict === 'expired' || verdict === 'idle') this.close(live, verdict);
      else if (verdict === 'expires soon') {
        live.warnedOf = live.expiresAt;
        live.send('auth:expiring', {
          expiresAt: live.principal.expiresAt.toISOString(),
          inMs: Math.max(0, live.expiresAt - now),
        });
      }
    }
  }

  /**
   * Verifies every token of the changed users again (null: of all users). Runs twice, because the authenticator drops
   * its cached answers on the same change feed, possibly later than this. Both runs fall within the 2 s of AUTH4.
   */
  verifyAgain(userIds: readonly string[] | null): void {
    const concerned = userIds === null ? [...this.all] : userIds.flatMap((userId) => [...this.ofUser(userId)]);
    if (concerned.length === 0) return;
    const ask = () => Promise.all(concerned.filter((live) => live.socket.connected).map((live) => this.#verify(live)));
    void ask();
    setTimeout(() => void ask(), 1_000).unref();
  }

  async #verify(live: LiveSocket): Promise<void> {
    const { token } = live;
    try {
      const principal = await this.authenticator.authenticate(token);
      if (live.token === token) live.become(principal, token);
    } catch (error) {
      // The token was refreshed meanwhile, and the new one was verified on arrival.
      if (live.token !== token || !live.socket.connected) return;
      // An unreachable database does not close sockets: without it, nobody can revoke anything either.
      if (error instanceof DomainError && error.details.kind === 'unauthenticated') this.close(live, 'revoked');
    }
  }

  /**
   * Tells each client to reconnect after a random delay, so the next process is not overloaded. Then closes all
   * sockets.
   */
  async drain(): Promise<void> {
    this.draining = true;
    for (const live of this.#sockets.values()) {
      live.send('server:draining', { reconnectInMs: Math.round(Math.random() * this.config.reconnectSpreadMs) });
    }
    // Open sockets keep the HTTP server from closing.
    if (this.#sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    for (const live of [...this.#sockets.values()]) live.socket.disconnect(true);
  }

  #watchCatchUp(live: LiveSocket): void {
    this.#behind.add(live);
    this.#catchUp ??= setInterval(() => {
      for (const one of this.#behind) if (!one.socket.connected || one.catchUp()) this.#behind.delete(one);
      if (this.#behind.size > 0) return;
      clearInterval(this.#catchUp);
      this.#catchUp = undefined;
    }, CATCH_UP_MS).unref();
  }
}
