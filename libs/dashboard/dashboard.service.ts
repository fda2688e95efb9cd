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
  /** The cut of the start, while no caller has asked for one. */
  #unasked: Cut | undefined;

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

  /**
   * Makes a cut before there are callers. The first caller gets a newer one, which is then only an update of it, or this one while
   * the database cannot be reached. Never rejects.
   */
  async warmUp(): Promise<void> {
    this.#unasked = await this.clock.next().catch(() => undefined);
  }

  /** Returns a cut at once, or undefined if the caller has to wait. */
  atHand(): ServedCut | undefined {
    const { current, ageMs } = this.clock;
    if (current === undefined) return undefined;
    if (this.clock.failure !== undefined) {
      this.clock.refresh();
      return { cut: current, source: 'stale', ageMs };
    }
    if (ageMs > this.config.maxAgeMs || current === this.#unasked) return undefined;
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
    const isFirst = this.clock.current === this.#unasked;
    const waitMs = patient || isFirst ? this.config.waitMs : this.config.staleAfterMs;
    let failure: unknown;
    try {
      const cut = await withTimeout(this.clock.next(), waitMs, () => undefined);
      if (cut !== undefined) {
        this.#unasked = undefined;
        return { cut, source: 'database', ageMs: this.clock.ageMs };
      }
    } catch (error) {
      failure = error;
    }
    const { current, ageMs } = this.clock;
    if (current === undefined) throw noCutYet(failure);
    return { cut: current, source: 'stale', ageMs };
  }
}
