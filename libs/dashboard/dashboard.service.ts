import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Changes } from '#changes';
import { withTimeout } from '#resilience';
import type { Cut } from './cuts/cut.js';
import { CutClock } from './cuts/cut-clock.js';
import { CutReader } from './cuts/cut-reader.service.js';
import type { CutSource } from './cuts/cut-view.js';
import { dashboardConfig, type DashboardConfig } from './dashboard.config.js';
import { noCutYet } from './dashboard.errors.js';

export interface ServedCut {
  cut: Cut;
  source: CutSource;
  /** How long ago it was last known to be what the database holds. */
  ageMs: number;
}

/** Which cut a caller gets: the current one while it is fresh, a new one when asked for, the last one when the database is away. */
@Injectable()
export class DashboardService implements OnModuleInit, OnApplicationShutdown {
  readonly clock: CutClock;

  constructor(
    @Inject(dashboardConfig.token) private readonly config: DashboardConfig,
    private readonly changes: Changes,
    reader: CutReader,
  ) {
    this.clock = new CutClock((previous, ageMs) => reader.read(previous, ageMs), { ...config, lateMs: config.waitMs });
  }

  onModuleInit(): void {
    this.changes.onHint(() => this.clock.hint());
  }

  onApplicationShutdown(): void {
    this.clock.stop();
  }

  /** The fast path: served at once, or undefined if one has to wait. */
  atHand(): ServedCut | undefined {
    const { current, ageMs } = this.clock;
    if (current === undefined) return undefined;
    if (this.clock.failure !== undefined) {
      this.clock.refresh();
      return { cut: current, source: 'stale', ageMs };
    }
    if (ageMs > this.config.maxAgeMs) return undefined;
    if (ageMs > this.config.freshMs) this.clock.refresh();
    return { cut: current, source: 'cache', ageMs };
  }

  /**
   * A cut that begins after this call, so that a caller sees what it has written. When the database does not give one in time:
   * the last one, marked stale.
   * @throws DomainError DASHBOARD_NO_CUT_YET
   */
  async fromDatabase(): Promise<ServedCut> {
    let failure: unknown;
    try {
      const cut = await withTimeout(this.clock.next(), this.config.waitMs, () => undefined);
      if (cut !== undefined) return { cut, source: 'database', ageMs: this.clock.ageMs };
    } catch (error) {
      failure = error;
    }
    const { current, ageMs } = this.clock;
    if (current === undefined) throw noCutYet(failure);
    return { cut: current, source: 'stale', ageMs };
  }
}
