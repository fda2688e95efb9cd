import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Background } from '#background';
import { eventFrame, type LiveSocket, LiveSockets } from '#realtime';
import type { Cut } from './cut.js';
import { CutDelta } from './cut-delta.js';
import { bodyText, type CutSource, viewKey, viewOf } from './cut-view.js';
import { dashboardConfig, type DashboardConfig } from '../dashboard.config.js';
import { DashboardService } from '../dashboard.service.js';
import type { PanelChoice } from './panel-set.js';
import { type Viewer, viewerOf } from '#panels';

export const NAMESPACE = '/dashboard';

/** Sockets with the same view of the same panels. They share one frame. */
interface Group {
  key: string;
  choice: PanelChoice;
  viewer: Viewer;
  members: Set<LiveSocket>;
}

/** State of a subscribed socket. */
interface Watch {
  group: Group;
  cutId: string;
}

/** The subscribed sockets, and the frames they get for each new cut. */
@Injectable()
export class Audience implements OnModuleInit {
  readonly #groups = new Map<string, Group>();
  readonly #watches = new Map<LiveSocket, Watch>();
  #lastFrameAt = 0;

  constructor(
    @Inject(dashboardConfig.token) private readonly config: DashboardConfig,
    private readonly dashboard: DashboardService,
    private readonly sockets: LiveSockets,
    @InjectMetric('dashboard_watchers') private readonly watchers: Gauge,
    @InjectMetric('dashboard_delta_bytes_total') private readonly bytes: Counter,
  ) {}

  onModuleInit(): void {
    this.dashboard.clock.onCut((from, to) => this.#moveOn(from, to));
    this.dashboard.clock.onHealth((failing) => this.#tellHealth(failing));
  }

  /** Subscribes a socket to the deltas after `cut`, which must be the clock's current one. Acknowledge in the same synchronous step. */
  join(live: LiveSocket, choice: PanelChoice, cut: Cut): void {
    this.#place(live, choice, cut);
    if (live.watching) return;
    live.watching = true;
    live.onPrincipal = () => this.#changeView(live);
    live.onCaughtUp = (dropped) => this.#catchUp(live, dropped);
    this.dashboard.clock.watch();
    this.watchers.set(this.#watches.size);
  }

  leave(live: LiveSocket): void {
    if (!live.watching) return;
    live.watching = false;
    live.onPrincipal = undefined;
    live.onCaughtUp = undefined;
    this.#displace(live);
    this.#watches.delete(live);
    this.dashboard.clock.unwatch();
    this.watchers.set(this.#watches.size);
  }

  choiceOf(live: LiveSocket): PanelChoice | undefined {
    return this.#watches.get(live)?.group.choice;
  }

  #place(live: LiveSocket, choice: PanelChoice, cut: Cut): Group {
    this.#displace(live);
    const viewer = viewerOf(live.principal);
    const key = viewKey(choice, viewer);
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = { key, choice, viewer, members: new Set() }));
    group.members.add(live);
    this.#watches.set(live, { group, cutId: cut.snapshot.id });
    return group;
  }

  #displace(live: LiveSocket): void {
    const group = this.#watches.get(live)?.group;
    if (group === undefined) return;
    group.members.delete(live);
    if (group.members.size === 0) this.#groups.delete(group.key);
  }

  #moveOn(from: Cut | undefined, to: Cut): void {
    const delta = from && new CutDelta(from, to);
    this.#lastFrameAt = performance.now();
    for (const group of this.#groups.values()) {
      const frame = delta && eventFrame(NAMESPACE, 'dashboard:delta', delta.text(group.choice, group.viewer));
      for (const live of group.members) {
        const watch = this.#watches.get(live)!;
        if (frame !== undefined && watch.cutId === delta!.from.snapshot.id) {
          if (!this.sockets.offer(live, frame)) continue;
          this.bytes.inc(frame.length);
        } else if (!this.sockets.offer(live, this.#fullFrame(group, to))) continue;
        watch.cutId = to.snapshot.id;
      }
    }
  }

  /** Sends one full cut in place of the deltas that the socket missed. */
  #catchUp(live: LiveSocket, dropped: number): void {
    const watch = this.#watches.get(live);
    if (watch === undefined) return;
    live.tell('flow', { state: 'conflated', dropped });
    this.#sendFull(live, watch);
  }

  #changeView(live: LiveSocket): void {
    const watch = this.#watches.get(live);
    const cut = this.dashboard.clock.current;
    if (watch === undefined || cut === undefined) return;
    this.#place(live, watch.group.choice, cut);
    this.#sendFull(live, this.#watches.get(live)!);
  }

  #sendFull(live: LiveSocket, watch: Watch): void {
    const cut = this.dashboard.clock.current!;
    live.write(this.#fullFrame(watch.group, cut));
    watch.cutId = cut.snapshot.id;
  }

  #fullFrame(group: Group, cut: Cut): string {
    const view = viewOf(cut, group.choice, group.viewer, group.key);
    return eventFrame(NAMESPACE, 'dashboard:snapshot', bodyText(view, this.#source, this.dashboard.clock.ageMs));
  }

  get #source(): CutSource {
    return this.dashboard.clock.failure === undefined ? 'cache' : 'stale';
  }

  #tellHealth(failing: boolean): void {
    const message = { state: failing ? 'stale' : 'live', ageMs: this.#ageMs };
    for (const live of this.#watches.keys()) live.tell('flow', message);
  }

  /** Without changes no delta is sent. The heartbeat distinguishes a quiet desk from a broken connection. */
  @Background({
    name: 'dashboard-heartbeat',
    every: ({ config }: Audience) => config.heartbeatMs,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  beat(): void {
    const { current } = this.dashboard.clock;
    if (current === undefined || performance.now() - this.#lastFrameAt < this.config.heartbeatMs) return;
    const frame = eventFrame(
      NAMESPACE,
      'dashboard:heartbeat',
      JSON.stringify({ id: current.snapshot.id, source: this.#source, ageMs: this.#ageMs }),
    );
    for (const live of this.#watches.keys()) this.sockets.offer(live, frame);
  }

  get #ageMs(): number {
    const { ageMs } = this.dashboard.clock;
    return Number.isFinite(ageMs) ? Math.round(ageMs) : 0;
  }
}
