import { createHmac, randomBytes } from 'node:crypto';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { Redis, type RedisScript, redisScript } from '#redis';
import { type ThrottlingConfig, throttlingConfig } from '../throttling.config.js';
import { SHARED } from '../throttling.metrics.js';

/** Renews the lease of a process and removes those that have ended. Returns the number of processes. */
const RENEW = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return redis.call('ZCARD', KEYS[1])
`);

/** One a second. */
const RENEWALS_KEPT = 60;

/**
 * The processes that count their limits together, in Redis. Each process writes its own counts only, and a limit compares
 * their sum. A report that is repeated or comes late therefore changes nothing.
 */
@Injectable()
export class Peers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Peers.name);
  /** Name of this process in Redis. */
  readonly id = randomBytes(9).toString('base64url');
  /** Key of the sorted set of processes, by the end of their leases. */
  readonly key: string;
  readonly #joiners: (() => Promise<unknown>)[] = [];
  #secret: Buffer = randomBytes(32);
  /** Number of processes at the last renewals, newest last. */
  readonly #seen: number[] = [];
  #joined = false;
  #joining = false;

  constructor(
    private readonly redis: Redis,
    @Inject(throttlingConfig.token) private readonly config: ThrottlingConfig,
    @InjectMetric(SHARED) private readonly shared: Gauge,
  ) {
    this.key = redis.key('processes');
    if (redis.enabled) shared.set({ store: 'redis' }, 0);
  }

  onModuleInit(): void {
    if (!this.redis.enabled) return;
    this.redis.onAvailability((available) => {
      if (available) void this.#join();
      else this.#leave();
    });
    if (this.redis.available) void this.#join();
  }

  /** Before the connection closes. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.#joined) await this.redis.run((client) => client.zRem(this.key, this.id)).catch(() => undefined);
  }

  /** Whether limits are counted over all processes now. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Number of processes at the last renewal, this one included. */
  get processes(): number {
    return this.#seen.at(-1) ?? (this.redis.enabled ? this.config.unknownProcesses : 1);
  }

  /**
   * Number of processes that divide a limit while they count alone: the most of the last minute, because a process that was
   * busy for longer than its lease still runs.
   */
  get sharers(): number {
    return Math.max(this.processes, ...this.#seen);
  }

  /** The part of a limit that this process may use while it counts alone, so that all processes together stay within it. */
  share(limit: number): number {
    return this.#joined ? limit : Math.max(1, Math.floor(limit / this.sharers));
  }

  /** Names persons and addresses by a hash with a key of this secret, which all processes must have. */
  useSecret(secret: string): void {
    this.#secret = createHmac('sha256', secret).update('deskwire limits').digest();
  }

  /** The name of a person or an address in Redis. Without the secret, nobody can find out whom it names. */
  nameOf(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url').slice(0, 22);
  }

  /** Runs each time this process begins to count with the others, before it does. Redis may be empty then. */
  onJoin(run: () => Promise<unknown>): void {
    this.#joiners.push(run);
  }

  /**
   * Runs a script of a limit. After a failure nobody asks Redis until the next renewal has reached it, so that a hanging Redis
   * delays the requests of one moment only.
   * @returns undefined if this process counts alone
   */
  async run<T>(script: RedisScript, keys: string[], args: string[]): Promise<T | undefined> {
    if (!this.#joined) return undefined;
    try {
      return await this.redis.script<T>(script, keys, args);
    } catch {
      this.#leave();
      return undefined;
    }
  }

  @Background({
    name: 'throttling-peers',
    every: ({ config }: Peers) => config.leaseMs / 5,
    role: 'every-process',
    whenReadOnly: 'run',
    when: ({ redis }: Peers) => redis.enabled,
  })
  async renew(): Promise<void> {
    if (!this.redis.available) return;
    if (this.#joined) await this.#renewLease().catch(() => this.#leave());
    else await this.#join();
  }

  async #renewLease(): Promise<void> {
    this.#seen.push(await this.redis.script<number>(RENEW, [this.key], [this.id, String(this.config.leaseMs)]));
    if (this.#seen.length > RENEWALS_KEPT) this.#seen.shift();
  }

  async #join(): Promise<void> {
    if (this.#joining || this.#joined) return;
    this.#joining = true;
    try {
      await this.#renewLease();
      for (const run of this.#joiners) await run();
      if (!this.redis.available) return;
      this.#joined = true;
      this.shared.set({ store: 'redis' }, 1);
      this.logger.log({ msg: 'limits are counted over all processes', processes: this.processes });
    } catch {
      // Redis has gone again, and says so itself. The next renewal tries again.
    } finally {
      this.#joining = false;
    }
  }

  #leave(): void {
    if (!this.#joined) return;
    this.#joined = false;
    this.shared.set({ store: 'redis' }, 0);
    this.logger.warn({
      msg: 'limits are counted by this process alone, because Redis does not answer',
      processes: this.sharers,
    });
  }
}
