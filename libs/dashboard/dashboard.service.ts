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
  /** Time since the cut was last known to match the database, in ms. */
  ageMs: number;
}

/** Chooses the cut for a caller: the current one while fresh, a new one on request, or the last one while the database cannot be reached. */
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

  /** Returns a cut at once, or undefined if the caller has to wait. */
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
   * Returns a cut whose computation begins after this call, so that a caller sees its own writes. If the database does not answer
   * in time, returns the last cut, marked stale.
   * @param patient whether the caller asked for a new cut; another caller gets the last one sooner
   * @throws DomainError DASHBOARD_NO_CUT_YET
   */
  async fromDatabase(patient = true): Promise<ServedCut> {
    const waitMs = patient || this.clock.current === undefined ? this.config.waitMs : this.config.staleAfterMs;
    let failure: unknown;
    try {
      const cut = await withTimeout(this.clock.next(), waitMs, () => undefined);
      if (cut !== undefined) return { cut, source: 'database', ageMs: this.clock.ageMs };
    } catch (error) {
      failure = error;
    }
    const { current, ageMs } = this.clock;
    if (current === undefined) throw noCutYet(failure);
    return { cut: current, source: 'stale', ageMs };
  }
}
