import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge, Histogram } from 'prom-client';
import { Startup } from '#database';
import { Policies, type Policy, withTimeout } from '#resilience';
import { RedisConnection, type RedisClient } from './redis-connection.js';
import { type RedisConfig, redisConfig } from './redis.config.js';
import { redisUnavailable } from './redis.errors.js';
import { REDIS_AVAILABLE, REDIS_CALL_SECONDS } from './redis.metrics.js';
import type { RedisScript } from './redis-script.js';

const PREFIX = 'deskwire';

/**
 * Redis, which the processes of one desk share. Everything in it can be lost: each user of it has a way without. It holds
 * no secrets. Each call goes through the policy `redis`; when its breaker opens, the connection is replaced.
 */
@Injectable()
export class Redis implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Redis.name);
  private readonly policy: Policy;
  private readonly connection: RedisConnection | undefined;
  private readonly listeners = new Set<(available: boolean) => void>();
  private state: 'starting' | 'up' | 'down' = 'starting';
  private lost: Date | null = new Date();

  constructor(
    @Inject(redisConfig.token) private readonly config: RedisConfig,
    policies: Policies,
    private readonly startup: Startup,
    @InjectMetric(REDIS_AVAILABLE) private readonly gauge: Gauge,
    @InjectMetric(REDIS_CALL_SECONDS) private readonly seconds: Histogram,
  ) {
    const { url, timeoutMs, minimumCalls, windowMs, retryMaxMs } = config;
    const breaker = { minimumCalls, windowMs, failureRatio: 0.5, halfOpenAfterMs: retryMaxMs };
    this.policy = policies.policy('redis', {
      timeoutMs,
      minTimeoutMs: timeoutMs / 2,
      retries: 0,
      concurrency: 0,
      ...breaker,
    });
    if (url === undefined) return;
    gauge.set(0);
    this.connection = new RedisConnection(url.reveal(), config, {
      check: (client) => this.policy.execute(() => client.ping()),
      up: () => this.moved(true),
      down: (reason) => this.moved(false, reason),
    });
  }

  /** Whether REDIS_URL is set. */
  get enabled(): boolean {
    return this.connection !== undefined;
  }

  /** Whether it answers. */
  get available(): boolean {
    return this.connection?.client !== undefined;
  }

  /** Since when it has not answered; null while it does. */
  get downSince(): Date | null {
    return this.lost;
  }

  onModuleInit(): void {
    this.startup.addStep('checks', 'redis', () => this.connect());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection?.stop();
  }

  /** Begins to connect, and waits for it for at most the time of one attempt. Never fails: everything runs without Redis. */
  async connect(): Promise<void> {
    const { connection } = this;
    if (connection === undefined) {
      this.logger.log('REDIS_URL is not set: limits, budgets and caches are those of this process alone');
      return;
    }
    if (this.available) return;
    connection.start();
    const up = Promise.withResolvers<void>();
    const stop = this.onAvailability(up.resolve as () => void);
    await withTimeout(up.promise, this.config.connectTimeoutMs, () => undefined);
    stop();
  }

  /** A key in the namespace of the desk: `deskwire:<part>:<part>`. */
  key(...parts: string[]): string {
    return [PREFIX, ...parts].join(':');
  }

  /**
   * Calls Redis once, within the time limit of a call. Nothing waits for a connection.
   * @throws DomainError REDIS_UNAVAILABLE, at once while Redis does not answer
   */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.connection?.client;
    if (client === undefined) throw redisUnavailable();
    const end = this.seconds.startTimer();
    try {
      return await this.policy.execute(() => work(client));
    } catch (error) {
      // Answers of a hanging server would come late and in order: a new connection is the shorter way.
      if (this.policy.state !== 'closed') this.connection?.drop(error);
      throw redisUnavailable(error);
    } finally {
      end();
    }
  }

  /** Runs a script. @throws DomainError REDIS_UNAVAILABLE */
  async script<T>({ sha1, lua }: RedisScript, keys: string[], args: string[]): Promise<T> {
    const options = { keys, arguments: args };
    return this.run(async (client) => {
      try {
        return (await client.evalSha(sha1, options)) as T;
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return (await client.eval(lua, options)) as T;
      }
    });
  }

  /** Calls the listener at each change. @returns a function that ends it */
  onAvailability(listener: (available: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private moved(available: boolean, reason?: unknown): void {
    const state = available ? 'up' : 'down';
    if (state === this.state) return;
    this.state = state;
    this.lost = available ? null : new Date();
    this.gauge.set(available ? 1 : 0);
    if (available) this.logger.log('Redis answers: limits, budgets and caches are shared');
    else
      this.logger.warn({
        msg: 'Redis does not answer: this process goes on with its own limits and caches',
        err: reason,
      });
    for (const listener of this.listeners) listener(available);
  }
}
