import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Changes } from '#changes';
import { Database, Startup } from '#database';
import { EventLog } from '#events';
import { correlationId, withCorrelation } from '#telemetry';
import { type Moved, SessionExpiryRepository } from './session-expiry.repository.js';
import { sessionsConfig, type SessionsConfig } from './sessions.config.js';

/** Rows that a login held at the tick are looked at again so soon. */
const AT_LEAST_MS = 20;

/**
 * Tells that sessions are about to expire, and that they have. Wakes when the next one is due, and at least every
 * SESSIONS_EXPIRY_POLL_MS for those that other processes saved.
 */
@Injectable()
export class SessionExpiry implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(SessionExpiry.name);
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = Number.POSITIVE_INFINITY;
  private begun = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly repository: SessionExpiryRepository,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly changes: Changes,
    private readonly events: EventLog,
    @Inject(sessionsConfig.token) private readonly config: SessionsConfig,
    @InjectMetric('sessions_active') private readonly active: Gauge,
    @InjectMetric('sessions_expired_total') private readonly expired: Counter,
  ) {}

  onModuleInit(): void {
    const begin = (): void => {
      this.begun = true;
      this.wakeAt(0);
    };
    // A start that failed for good is told by whoever runs it.
    void this.startup.whenReady().then(begin, () => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.begun = false;
    clearTimeout(this.timer);
    await this.running;
  }

  /** A session that ends then was saved here: no need to wait for the poll. */
  expect(expiresAt: Date): void {
    this.wakeAt(expiresAt.getTime() - this.config.expiryWarningMs);
  }

  /** Moves every session whose time has come by `now`. Any number of processes may do it at once. */
  async tick(now: Date): Promise<Moved> {
    const total = { expiring: 0, expired: 0 };
    for (let full = true; full;) {
      const moved = await this.repository.move(now, this.config.expiryWarningMs, correlationId());
      this.events.count(moved.recordedTypes);
      total.expiring += moved.expiring;
      total.expired += moved.expired;
      full = moved.full;
    }
    if (total.expiring + total.expired > 0) {
      this.changes.hint();
      this.expired.inc(total.expired);
      this.logger.log({ msg: 'sessions came to their end', ...total });
    }
    return total;
  }

  private wakeAt(time: number): void {
    if (!this.begun || this.running !== undefined || time >= this.wakesAt) return;
    clearTimeout(this.timer);
    this.wakesAt = time;
    const delay = Math.min(Math.max(time - Date.now(), AT_LEAST_MS), this.config.expiryPollMs);
    // In a context of its own: a timer set by a request would run in that request's, on its one connection.
    this.timer = setTimeout(() => void (this.running = withCorrelation(undefined, () => this.watch())), delay).unref();
  }

  private async watch(): Promise<void> {
    let next = Date.now() + this.config.expiryPollMs;
    try {
      if (!this.database.readOnly) await this.tick(new Date());
      const outlook = await this.repository.outlook(this.config.expiryWarningMs);
      this.active.set(outlook.active);
      if (outlook.nextAt !== null && !this.database.readOnly) next = Math.min(next, outlook.nextAt.getTime());
    } catch (error) {
      this.logger.warn({ msg: 'expiry of sessions could not be looked at; trying again', err: error });
    }
    this.running = undefined;
    this.wakesAt = Number.POSITIVE_INFINITY;
    this.wakeAt(next);
  }
}
