import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Changes } from '#changes';
import { Database, Startup } from '#database';
import { DeskRole } from '#background';
import { JobTasks } from '#jobs';
import { HealthRegistry, withCorrelation } from '#telemetry';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import { DeliveriesRepository } from '../ledger/deliveries.repository.js';
import { DeliveryLeasesRepository } from './delivery-leases.repository.js';
import { DeliveryLanesRepository } from '../lanes/delivery-lanes.repository.js';
import { WorkerLease } from './worker-lease.js';

/** With leases of 20 s: a killed worker's deliveries go on within 22 s. */
const TICK_MS = 1_000;
const LOOK_TICKS = 5;
const SWEEP_TICKS = 10;
const PURGE_CHUNK = 5_000;
/** Waiting longer on lanes that deliver is not normal. */
const LATE_SECONDS = 60;

/** What keeps the ledger right: leases that ran out, recoveries that ended, stragglers; gauges; and, by the clock, the purge. */
@Injectable()
export class DeliveryUpkeep implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deliveries');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private ticks = 0;
  private depth: Awaited<ReturnType<DeliveriesRepository['depth']>> | undefined;

  constructor(
    private readonly leases: DeliveryLeasesRepository,
    private readonly lease: WorkerLease,
    private readonly lanes: DeliveryLanesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly tasks: JobTasks,
    private readonly role: DeskRole,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly changes: Changes,
    private readonly health: HealthRegistry,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
    @InjectMetric('deliveries_pending') private readonly pending: Gauge,
    @InjectMetric('deliveries_oldest_pending_seconds') private readonly oldest: Gauge,
    @InjectMetric('deliveries_held') private readonly held: Gauge,
    @InjectMetric('deliveries_dead') private readonly dead: Gauge,
    @InjectMetric('deliveries_lanes_open') private readonly open: Gauge,
    @InjectMetric('deliveries_reclaimed_total') private readonly reclaimed: Counter,
  ) {}

  onModuleInit(): void {
    this.tasks.cron('deliveries:purge', '17 * * * *', async (_payload, signal) => void (await this.purge(signal)));
    this.health.register({
      name: 'deliveries',
      check: () => {
        const { pending = 0, held = 0, dead = 0, open = 0, oldestSeconds = 0 } = this.depth ?? {};
        return {
          status: oldestSeconds > LATE_SECONDS ? 'degraded' : 'up',
          pending,
          held,
          dead,
          lanesOpen: open,
          oldestPendingSeconds: Math.round(oldestSeconds),
        };
      },
    });
  }

  onApplicationBootstrap(): void {
    void this.startup.whenReady().then(
      () => {
        this.timer = setInterval(
          () => (this.running ??= this.tick().finally(() => (this.running = undefined))),
          TICK_MS,
        ).unref();
      },
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Removes what ended DELIVERIES_RETENTION_DAYS ago, in chunks. */
  async purge(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (let gone = PURGE_CHUNK; gone === PURGE_CHUNK && !signal?.aborted; total += gone) {
      gone = await this.deliveries.purge(this.config.retentionDays, PURGE_CHUNK);
    }
    await this.deliveries.purgeWindows();
    return total;
  }

  private async tick(): Promise<void> {
    const n = this.ticks++;
    try {
      await withCorrelation(undefined, async () => {
        if (this.role.worker && !this.database.readOnly) await this.mend(n % SWEEP_TICKS === 0);
        if (n % LOOK_TICKS === 0) await this.look();
      });
    } catch (error) {
      this.logger.warn({ msg: 'upkeep of deliveries failed; trying again', err: error });
    }
  }

  private async mend(sweep: boolean): Promise<void> {
    const reclaimed = await this.leases.reclaim(this.lease.owner, this.lease.heldIds);
    const finished = await this.lanes.finishRecoveries();
    if (sweep) await this.leases.purgeWorkers();
    const straggling = sweep ? await this.lanes.settleStragglers() : 0;
    if (reclaimed > 0) {
      this.reclaimed.inc(reclaimed);
      this.logger.warn({ msg: 'deliveries of a worker that is gone go on here', reclaimed });
      await this.changes.append('deliveries', ['leases']);
    }
    if (finished + straggling > 0) this.changes.hint();
  }

  private async look(): Promise<void> {
    const depth = await this.deliveries.depth();
    this.depth = depth;
    this.pending.set(depth.pending);
    this.held.set(depth.held);
    this.dead.set(depth.dead);
    this.open.set(depth.open);
    this.oldest.set(depth.oldestSeconds);
  }
}
