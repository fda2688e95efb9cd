import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Background } from '#background';
import { Clock } from '#time';
import type { Region } from './region.js';
import { RegionProbe } from './region-probe.js';
import { RegionState } from './region-state.js';
import { regionsConfig, type RegionsConfig } from './regions.config.js';
import { LATENCY, PROBES, ROUTER_PROBES, ROUTER_UP, UP } from './regions.metrics.js';
import { RegionsService } from './regions.service.js';

/** Probes every region and the router. All at once, so a region that hangs delays no other. */
@Injectable()
export class RegionProbesTask implements OnApplicationShutdown {
  private readonly probe: RegionProbe;
  private readonly router = new RegionState();

  constructor(
    private readonly regions: RegionsService,
    private readonly clock: Clock,
    @Inject(regionsConfig.token) private readonly config: RegionsConfig,
    @InjectMetric(UP) private readonly up: Gauge<'region'>,
    @InjectMetric(LATENCY) private readonly latency: Gauge<'region'>,
    @InjectMetric(PROBES) private readonly probes: Counter<'region' | 'outcome'>,
    @InjectMetric(ROUTER_UP) private readonly routerUp: Gauge<'region'>,
    @InjectMetric(ROUTER_PROBES) private readonly routerProbes: Counter<'outcome'>,
  ) {
    this.probe = new RegionProbe(config.probeTimeoutMs, config.routerAnswerMaxBytes);
  }

  @Background({
    name: 'regions-probe',
    every: ({ config }: RegionProbesTask) => config.probeEveryMs,
    role: 'every-process',
    whenReadOnly: 'run',
    atStart: true,
    when: ({ config }: RegionProbesTask) => config.regions.length > 0 || config.routerUrl !== undefined,
  })
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      ...this.regions.regions.map((region) => this.probeRegion(region, signal)),
      ...(this.config.routerUrl === undefined ? [] : [this.probeRouter(this.config.routerUrl, signal)]),
    ]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.probe.close();
  }

  /** Also its own region, through the URL that clients use: what a client cannot reach is down. */
  private async probeRegion({ name, url }: Region, signal: AbortSignal): Promise<void> {
    const result = await this.probe.probe(`${url}/health/ready`, signal);
    if (signal.aborted) return;
    const state = this.regions.stateOf(name);
    state.probed(result, this.clock.now());
    this.probes.inc({ region: name, outcome: result.outcome });
    if (state.health !== 'unknown') this.up.set({ region: name }, Number(state.health === 'up'));
    if (state.latencyMs === null) this.latency.remove({ region: name });
    else this.latency.set({ region: name }, state.latencyMs / 1_000);
  }

  private async probeRouter(url: string, signal: AbortSignal): Promise<void> {
    const result = await this.probe.probe(`${url.replace(/\/+$/, '')}/v1/regions`, signal, (answer) =>
      this.isFromDesk(answer),
    );
    if (signal.aborted) return;
    this.router.probed(result, this.clock.now());
    this.routerProbes.inc({ outcome: result.outcome });
    if (this.router.health === 'unknown') return;
    this.routerUp.set({ region: this.config.region ?? '' }, Number(this.router.health === 'up'));
  }

  /** The list of a desk with the same regions, and not the page of a proxy. */
  private isFromDesk(answer: unknown): boolean {
    const { region, items } = (answer ?? {}) as { region?: unknown; items?: unknown };
    return Array.isArray(items) && (region === null || this.regions.regions.some(({ name }) => name === region));
  }
}
