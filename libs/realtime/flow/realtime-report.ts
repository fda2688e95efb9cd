import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { LiveSockets } from '../live-sockets.js';
import { SocketAdmission } from '../socket-admission.js';
import { Peaks } from './peaks.js';

const WINDOWS = { '1m': 60_000, '5m': 300_000 } as const;
/** Slowest sockets that a report names. */
const SLOWEST = 10;

interface Budget {
  budget: 'connections' | 'cluster' | 'user' | 'address';
  /** Of a user or an address: the highest count of one. */
  used: number;
  limit: number;
  share: number;
}

export interface RealtimeState {
  budgets: Budget[];
  /** Highest number of connections within the last minute and the last five. */
  peaks: { '1m': number; '5m': number };
  conflated: number;
  droppedFrames: number;
  unsentBytes: number;
  closed: Record<string, number>;
  slowest: { socketId: string; userId: string; unsentBytes: number; droppedFrames: number; conflated: boolean }[];
}

/** The sockets of this process, for operators: use of the budgets, and clients that do not keep up. */
@Injectable()
export class RealtimeReport {
  readonly #peaks = new Peaks(WINDOWS['5m']);

  constructor(
    private readonly sockets: LiveSockets,
    private readonly admission: SocketAdmission,
    @InjectMetric('realtime_connections_peak') private readonly peak: Gauge,
    @InjectMetric('realtime_budget_used_ratio') private readonly share: Gauge,
    @InjectMetric('realtime_behind') private readonly behind: Gauge,
    @InjectMetric('realtime_unsent_bytes') private readonly unsent: Gauge,
  ) {
    sockets.onAdded((size) => this.#peaks.note(size, Date.now()));
    this.measure();
  }

  state(now = Date.now()): RealtimeState {
    const { sockets } = this;
    const lagging = [...sockets.all].map((live) => ({ live, unsentBytes: live.unsent }));
    const slowest = lagging.filter(({ unsentBytes, live }) => unsentBytes > 0 || live.dropped !== undefined);
    slowest.sort((one, other) => other.unsentBytes - one.unsentBytes);
    return {
      budgets: this.#budgets(),
      peaks: { '1m': this.#peaks.over(WINDOWS['1m'], now), '5m': this.#peaks.over(WINDOWS['5m'], now) },
      conflated: sockets.behind,
      droppedFrames: sockets.droppedFrames,
      unsentBytes: lagging.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0),
      closed: Object.fromEntries(sockets.closedBy),
      slowest: slowest.slice(0, SLOWEST).map(({ live, unsentBytes }) => ({
        socketId: live.socket.id,
        userId: live.principal.userId,
        unsentBytes,
        droppedFrames: live.dropped ?? 0,
        conflated: live.dropped !== undefined,
      })),
    };
  }

  @Background({ name: 'realtime-measure', every: 1_000, role: 'every-process', whenReadOnly: 'run' })
  measure(): void {
    const now = Date.now();
    this.admission.flow.counted();
    this.#peaks.note(this.sockets.size, now);
    for (const [window, ms] of Object.entries(WINDOWS)) this.peak.set({ window }, this.#peaks.over(ms, now));
    for (const { budget, share } of this.#budgets()) this.share.set({ budget }, share);
    this.behind.set(this.sockets.behind);
    let unsent = 0;
    for (const live of this.sockets.all) unsent += live.unsent;
    this.unsent.set(unsent);
  }

  #budgets(): Budget[] {
    const { limits, usedByAll } = this.admission.budget;
    const { total, cluster, perUser, perAddress } = limits;
    const { user, address } = this.sockets.largest;
    const budgets = [
      { budget: 'connections', used: this.sockets.size, limit: total },
      ...(cluster > 0 ? ([{ budget: 'cluster', used: usedByAll, limit: cluster }] as const) : []),
      { budget: 'user', used: user, limit: perUser },
      { budget: 'address', used: address, limit: perAddress },
    ] as const;
    return budgets.map((each) => ({ ...each, share: each.used / each.limit }));
  }
}
