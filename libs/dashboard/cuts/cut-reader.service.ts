import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { Changes, type SnapshotStamp } from '#changes';
import { Transactions } from '#database';
import type { Cut } from './cut.js';
import { dashboardConfig, type DashboardConfig } from '../dashboard.config.js';
import type { PanelChanges, SnapshotPanel } from '#panels';
import { PanelSet } from './panel-set.js';

/** Maximum age of a cut that is updated from changes. Older ones are reloaded, because the change feed is purged. */
const TOO_OLD_MS = 60_000;

/** Reads a cut: all panels from one snapshot of the database, or only those that changed since the previous cut. */
@Injectable()
export class CutReader {
  private readonly logger = new Logger(CutReader.name);
  /** When the next part of the states is compared with the database, by performance.now(), and which one it is. */
  #checkAt = -Infinity;
  #step = 0;

  constructor(
    @Inject(dashboardConfig.token) private readonly config: DashboardConfig,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    private readonly panels: PanelSet,
    @InjectMetric('dashboard_cut_duration_seconds') private readonly duration: Histogram,
    @InjectMetric('dashboard_cuts_total') private readonly cuts: Counter,
    @InjectMetric('dashboard_drift_total') private readonly drift: Counter,
  ) {}

  /**
   * Returns the current cut: `previous` itself if none of its panels has changed.
   * @param ageMs time since `previous` was last known to be current
   */
  async read(previous: Cut | undefined, ageMs: number): Promise<Cut> {
    const end = this.duration.startTimer();
    try {
      const base = ageMs > TOO_OLD_MS ? undefined : previous;
      const cut = base === undefined ? await this.full() : await this.forward(base);
      this.cuts.inc({
        outcome: base === undefined ? 'full' : cut.snapshot === base.snapshot ? 'unchanged' : 'changed',
      });
      end();
      return cut;
    } catch (error) {
      this.cuts.inc({ outcome: 'failed' });
      this.logger.warn({ msg: 'no cut could be made', err: error });
      throw error;
    }
  }

  /** Loads all panels from one snapshot. */
  full(): Promise<Cut> {
    return this.#inSnapshot(() => this.#full());
  }

  /**
   * Updates `previous` in one snapshot. Panels whose topics did not change are kept. Changes are selected by snapshot visibility,
   * so that late commits are not missed.
   */
  forward(previous: Cut): Promise<Cut> {
    return this.#inSnapshot(() => this.#forward(previous));
  }

  /**
   * Returns the cut when its last panel is read, before the server has answered COMMIT: what has been read stays right, and requests that
   * this process handles meanwhile would delay the screens by 20 ms and more.
   */
  #inSnapshot(work: () => Promise<Cut>): Promise<Cut> {
    const { promise, resolve, reject } = Promise.withResolvers<Cut>();
    this.transactions.cutSnapshot(async () => resolve(await work())).catch(reject);
    return promise;
  }

  /** @param known the stamp of the open snapshot, if it was read */
  async #full(known?: SnapshotStamp): Promise<Cut> {
    const snapshot = known ?? (await this.changes.current());
    const states = new Map<string, object>();
    for (const panel of this.panels.all) states.set(panel.name, await panel.load(undefined, undefined, states));
    this.#step = 0;
    this.#checkAt = performance.now() + this.config.recheckMs / this.#stepsOf(states);
    return { snapshot, readUpTo: snapshot, states };
  }

  async #forward(previous: Cut): Promise<Cut> {
    const { changes, stamp: snapshot } = await this.changes.since(previous.readUpTo);
    if (changes === null) return this.#full(snapshot);
    const changed = byTopic(changes);
    const recheck = performance.now() > this.#checkAt;
    if (changed.size === 0 && !recheck) return previous;
    const states = new Map(previous.states);
    let differs = false;
    for (const panel of this.panels.all) {
      const kept = previous.states.get(panel.name);
      const concerning = concerningPanel(panel, changed);
      let state = kept;
      if (kept === undefined || concerning !== undefined) state = await panel.load(concerning, kept, states);
      if (recheck && !(await this.#isCurrent(panel, state!, states))) state = await this.#reload(panel, states);
      if (state === kept) continue;
      states.set(panel.name, state!);
      differs = true;
    }
    if (recheck) {
      const steps = this.#stepsOf(states);
      this.#step = (this.#step + 1) % steps;
      this.#checkAt = performance.now() + this.config.recheckMs / steps;
    }
    if (!differs) return { ...previous, readUpTo: snapshot };
    return { snapshot, readUpTo: snapshot, states };
  }

  /** All states are compared once in `recheckMs`, in as many steps as the largest of them has parts. */
  #stepsOf(states: ReadonlyMap<string, object>): number {
    return Math.max(...this.panels.all.map((panel) => panel.partsOf(states.get(panel.name)!)));
  }

  /** Whether the parts of a state that this step looks at are those of the database. */
  async #isCurrent(panel: SnapshotPanel, state: object, states: ReadonlyMap<string, object>): Promise<boolean> {
    const [steps, parts] = [this.#stepsOf(states), panel.partsOf(state)];
    const [from, to] = [this.#step, this.#step + 1].map((step) => Math.floor((step * parts) / steps)) as [
      number,
      number,
    ];
    for (let part = from; part < to; part++) if (!(await panel.isCurrent(state, states, part))) return false;
    return true;
  }

  async #reload(panel: SnapshotPanel, states: ReadonlyMap<string, object>): Promise<object> {
    this.drift.inc();
    this.logger.error({ msg: 'a kept panel differed from the reloaded one', panel: panel.name });
    return panel.load(undefined, undefined, states);
  }
}

function byTopic(changes: readonly { topic: string; key: string }[]): Map<string, Set<string>> {
  const topics = new Map<string, Set<string>>();
  for (const { topic, key } of changes) {
    const keys = topics.get(topic);
    if (keys) keys.add(key);
    else topics.set(topic, new Set([key]));
  }
  return topics;
}

function concerningPanel(panel: SnapshotPanel, changed: ReadonlyMap<string, Set<string>>): PanelChanges | undefined {
  const concerning = panel.topics.filter((topic) => changed.has(topic));
  return concerning.length === 0 ? undefined : new Map(concerning.map((topic) => [topic, changed.get(topic)!]));
}
