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
import type { LiveSocket } from './live-socket.js';
import { judgeLife } from './socket-life.js';

const CATCH_UP_MS = 50;
/** Time in ms between the `server:draining` event and the close. */
const FAREWELL_MS = 250;

/** The sockets of this process. Warns and closes them: token expiry, revocation, idling, slow readers, shutdown. */
@Injectable()
export class LiveSockets implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LiveSockets.name);
  readonly #sockets = new Map<string, LiveSocket>();
  readonly #ofUser = new Map<string, Set<LiveSocket>>();
  readonly #behind = new Set<LiveSocket>();
  #catchUp: NodeJS.Timeout | undefined;
  draining = false;

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly authenticator: Authenticator,
    private readonly changes: Changes,
    private readonly shutdown: ShutdownSequence,
    @InjectMetric('realtime_connections') private readonly open: Gauge,
    @InjectMetric('realtime_closed_total') private readonly closed: Counter,
    @InjectMetric('realtime_conflated_total') private readonly conflated: Counter,
  ) {}

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

  /** @throws Error if the socket has not been admitted */
  of(socket: { id: string }): LiveSocket {
    const live = this.#sockets.get(socket.id);
    if (live === undefined) throw new Error('This socket is closed or was never admitted.');
    return live;
  }

  add(live: LiveSocket): void {
    this.#sockets.set(live.socket.id, live);
    const { userId } = live.principal;
    const mine = this.#ofUser.get(userId);
    if (mine === undefined) this.#ofUser.set(userId, new Set([live]));
    else mine.add(live);
    this.open.set(this.#sockets.size);
  }

  remove(live: LiveSocket): void {
    this.#sockets.delete(live.socket.id);
    this.#behind.delete(live);
    const { userId } = live.principal;
    const mine = this.#ofUser.get(userId);
    mine?.delete(live);
    if (mine?.size === 0) this.#ofUser.delete(userId);
    this.open.set(this.#sockets.size);
  }

  /** Like `LiveSocket.offer`, and closes or watches a socket that falls behind. */
  offer(live: LiveSocket, frame: string): boolean {
    if (live.offer(frame)) return true;
    this.conflated.inc();
    if (live.isChoked) this.close(live, 'slow');
    else this.#watchCatchUp(live);
    return false;
  }

  close(live: LiveSocket, reason: keyof typeof CLOSING): void {
    this.closed.inc({ reason });
    this.logger.log({ msg: 'socket closed', reason, userId: live.principal.userId });
    live.close(CLOSING[reason]);
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

  /** Warns and closes sockets by `judgeLife`. */
  sweep(now: number): void {
    for (const live of [...this.#sockets.values()]) {
      const verdict = judgeLife(live, now, this.config.expiryWarningMs, this.config.idleMs);
      if (verdict === 'expired' || verdict === 'idle') this.close(live, verdict);
      else if (live.isChoked) this.close(live, 'slow');
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
    const concerned = (userIds ?? [...this.#ofUser.keys()]).flatMap((userId) => [...(this.#ofUser.get(userId) ?? [])]);
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
