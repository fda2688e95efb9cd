import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Background } from '#background';
import { eventFrame, type LiveSocket, LiveSockets } from '#realtime';
import type { Cut } from './cut.js';
import { type CutSource, type CutView, viewKey, viewOf } from './cut-view.js';
import { PatchTexts } from './panel-view.js';
import { dashboardConfig, type DashboardConfig } from '../dashboard.config.js';
import { DashboardService } from '../dashboard.service.js';
import type { PanelChoice } from './panel-set.js';
import type { Viewer } from '#panels';
import { viewerOf } from '../viewer-of.js';

export const NAMESPACE = '/dashboard';

/** What a socket subscribes to. */
export interface Subscription {
  choice: PanelChoice;
  /** Maximum frames per second; undefined: as many as there are cuts. */
  maxPerSecond: number | undefined;
}

/** Sockets with the same view of the same panels, at the same pace. They share frames. */
interface Group {
  key: string;
  subscription: Subscription;
  viewer: Viewer;
  viewKey: string;
  members: Set<LiveSocket>;
  /** When the next frame may be sent, by performance.now(). */
  nextAt: number;
  /** Set while changes wait for `nextAt`. */
  timer: NodeJS.Timeout | undefined;
}

/** State of a subscribed socket. */
interface Watch {
  group: Group;
  /** The view that the client holds. */
  held: CutView;
  /** When the last frame was sent to it, by performance.now(). */
  heardAt: number;
}

/** A quiet socket is found within this part of `heartbeatMs`, and is sent its heartbeat by so much earlier. */
const PART_OF_HEARTBEAT = 1 / 5;

/** The subscribed sockets, and the frames they get for each new cut. */
@Injectable()
export class Audience implements OnModuleInit {
  readonly #groups = new Map<string, Group>();
  readonly #watches = new Map<LiveSocket, Watch>();

  constructor(
    @Inject(dashboardConfig.token) private readonly config: DashboardConfig,
    private readonly dashboard: DashboardService,
    private readonly sockets: LiveSockets,
    @InjectMetric('dashboard_watchers') private readonly watchers: Gauge,
    @InjectMetric('dashboard_delta_bytes_total') private readonly bytes: Counter,
  ) {}

  onModuleInit(): void {
    this.dashboard.clock.onCut((_from, to) => this.#moveOn(to));
    this.dashboard.clock.onHealth((failing) => this.#tellHealth(failing));
  }

  /** Subscribes a socket to the deltas after `cut`, which must be the clock's current one. Acknowledge in the same synchronous step. */
  join(live: LiveSocket, subscription: Subscription, cut: Cut): void {
    this.#place(live, subscription, cut);
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

  subscriptionOf(live: LiveSocket): Subscription | undefined {
    return this.#watches.get(live)?.group.subscription;
  }

  #place(live: LiveSocket, subscription: Subscription, cut: Cut): void {
    this.#displace(live);
    const viewer = viewerOf(live.principal);
    const view = viewKey(subscription.choice, viewer);
    const key = `${subscription.maxPerSecond ?? ''}|${view}`;
    const heardAt = performance.now();
    let group = this.#groups.get(key);
    if (group === undefined) {
      const nextAt = heardAt + pauseOf(subscription);
      group = { key, subscription, viewer, viewKey: view, members: new Set(), nextAt, timer: undefined };
      this.#groups.set(key, group);
    }
    group.members.add(live);
    this.#watches.set(live, { group, held: viewOf(cut, subscription.choice, viewer, view), heardAt });
  }

  #displace(live: LiveSocket): void {
    const group = this.#watches.get(live)?.group;
    if (group === undefined) return;
    group.members.delete(live);
    if (group.members.size > 0) return;
    clearTimeout(group.timer);
    this.#groups.delete(group.key);
  }

  #moveOn(cut: Cut): void {
    const now = performance.now();
    const texts = new PatchTexts();
    for (const group of this.#groups.values()) {
      const waitMs = group.nextAt - now;
      if (waitMs <= 0) this.#send(group, cut, texts);
      else
        group.timer ??= setTimeout(
          () => this.#send(group, this.dashboard.clock.current!, new PatchTexts()),
          waitMs,
        ).unref();
    }
  }

  /** Sends each member the delta from the view that it holds. Members that hold the same one share the frame. */
  #send(group: Group, cut: Cut, texts: PatchTexts): void {
    clearTimeout(group.timer);
    group.timer = undefined;
    const now = performance.now();
    group.nextAt = now + pauseOf(group.subscription);
    const view = viewOf(cut, group.subscription.choice, group.viewer, group.viewKey);
    const frames = new Map<CutView, ReturnType<typeof eventFrame>>();
    for (const live of group.members) {
      const watch = this.#watches.get(live)!;
      if (watch.held === view) continue;
      let frame = frames.get(watch.held);
      if (frame === undefined)
        frames.set(watch.held, (frame = eventFrame(NAMESPACE, 'dashboard:delta', watch.held.deltaTo(view, texts))));
      if (!this.sockets.offer(live, frame)) continue;
      this.bytes.inc(frame.text.length);
      watch.held = view;
      watch.heardAt = now;
    }
  }

  /** Sends one full cut in place of the deltas that the socket missed. */
  #catchUp(live: LiveSocket, dropped: number): void {
    const watch = this.#watches.get(live);
    if (watch === undefined) return;
    live.send('flow', { state: 'conflated', dropped });
    this.#sendFull(live, watch);
  }

  #changeView(live: LiveSocket): void {
    const watch = this.#watches.get(live);
    const cut = this.dashboard.clock.current;
    if (watch === undefined || cut === undefined) return;
    this.#place(live, watch.group.subscription, cut);
    this.#sendFull(live, this.#watches.get(live)!);
  }

  #sendFull(live: LiveSocket, watch: Watch): void {
    const { subscription, viewer, viewKey: key } = watch.group;
    watch.held = viewOf(this.dashboard.clock.current!, subscription.choice, viewer, key);
    watch.heardAt = performance.now();
    const body = watch.held.bodyText(this.#source, this.dashboard.clock.ageMs);
    live.write(eventFrame(NAMESPACE, 'dashboard:snapshot', body));
  }

  get #source(): CutSource {
    return this.dashboard.clock.failure === undefined ? 'cache' : 'stale';
  }

  #tellHealth(failing: boolean): void {
    const message = { state: failing ? 'stale' : 'live', ageMs: this.#ageMs };
    for (const live of this.#watches.keys()) live.send('flow', message);
  }

  /**
   * Tells sockets that nothing was sent to for a while which cut they hold: a quiet desk is no broken connection, and neither is the
   * pause of a socket that is sent merged deltas.
   */
  @Background({
    name: 'dashboard-heartbeat',
    every: ({ config }: Audience) => config.heartbeatMs * PART_OF_HEARTBEAT,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  beat(): void {
    const now = performance.now();
    const quietSince = now - this.config.heartbeatMs * (1 - PART_OF_HEARTBEAT);
    // The few cuts that quiet sockets hold: those that hold the same one share the frame.
    const frames = new Map<string, ReturnType<typeof eventFrame>>();
    for (const [live, watch] of this.#watches) {
      if (watch.heardAt > quietSince) continue;
      const { id } = watch.held.snapshot;
      let frame = frames.get(id);
      if (frame === undefined) frames.set(id, (frame = this.#heartbeat(id)));
      if (this.sockets.offer(live, frame)) watch.heardAt = now;
    }
  }

  #heartbeat(id: string): ReturnType<typeof eventFrame> {
    const body = JSON.stringify({ id, source: this.#source, ageMs: this.#ageMs });
    return eventFrame(NAMESPACE, 'dashboard:heartbeat', body);
  }

  get #ageMs(): number {
    const { ageMs } = this.dashboard.clock;
    return Number.isFinite(ageMs) ? Math.round(ageMs) : 0;
  }
}

/** Minimum time between two frames, in ms. */
function pauseOf({ maxPerSecond }: Subscription): number {
  return maxPerSecond === undefined ? 0 : 1_000 / maxPerSecond;
}
