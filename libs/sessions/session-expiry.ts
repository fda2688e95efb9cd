import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { Changes } from '#changes';
import { Database } from '#database';
import { EventLog } from '#events';
import { correlationId } from '#telemetry';
import { type Moved, SessionExpiryRepository } from './session-expiry.repository.js';
import { sessionsConfig, type SessionsConfig } from './sessions.config.js';

/** A session that a save held locked is due already; it is looked at again after this time. */
const AT_LEAST_MS = 20;

/**
 * Warns of sessions that are about to expire, and expires them. Runs when the next one is due, and at least every
 * `expiryPollMs` for those that other processes saved.
 */
@Injectable()
export class SessionExpiry {
  private readonly logger = new Logger(SessionExpiry.name);

  constructor(
    private readonly repository: SessionExpiryRepository,
    private readonly database: Database,
    private readonly tasks: BackgroundTasks,
    private readonly changes: Changes,
    private readonly events: EventLog,
    @Inject(sessionsConfig.token) private readonly config: SessionsConfig,
    @InjectMetric('sessions_active') private readonly active: Gauge,
    @InjectMetric('sessions_expired_total') private readonly expired: Counter,
  ) {}

  /** Called for a saved session with this end, so its warning does not wait for the poll. */
  expect(expiresAt: Date): void {
    this.tasks.wake('sessions-expiry', expiresAt.getTime() - this.config.expiryWarningMs);
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

  /** Changes the state of due sessions, and wakes again when the next one is due. */
  @Background({
    name: 'sessions-expiry',
    every: ({ config }: SessionExpiry) => config.expiryPollMs,
    atStart: true,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async watch(): Promise<void> {
    if (!this.database.readOnly) await this.tick(new Date());
    const { active, nextAt } = await this.repository.outlook(this.config.expiryWarningMs);
    this.active.set(active);
    if (nextAt === null || this.database.readOnly) return;
    this.tasks.wake('sessions-expiry', Math.max(nextAt.getTime(), Date.now() + AT_LEAST_MS));
  }
}
