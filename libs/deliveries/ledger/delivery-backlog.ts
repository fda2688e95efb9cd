import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { HealthRegistry } from '#system';
import { type Backlog, DeliveriesRepository } from './deliveries.repository.js';

/** Health is degraded if a due delivery to a working endpoint waits for longer than this. */
const LATE_SECONDS = 60;

/** Measures waiting deliveries, for gauges and for /health. */
@Injectable()
export class DeliveryBacklog implements OnModuleInit {
  private latest: Backlog = { pending: 0, held: 0, dead: 0, open: 0, oldestSeconds: 0 };

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly health: HealthRegistry,
    @InjectMetric('deliveries_pending') private readonly pending: Gauge,
    @InjectMetric('deliveries_oldest_pending_seconds') private readonly oldest: Gauge,
    @InjectMetric('deliveries_held') private readonly held: Gauge,
    @InjectMetric('deliveries_dead') private readonly dead: Gauge,
    @InjectMetric('deliveries_lanes_open') private readonly open: Gauge,
  ) {}

  onModuleInit(): void {
    this.health.register({
      name: 'deliveries',
      check: () => {
        const { pending, held, dead, open, oldestSeconds } = this.latest;
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

  @Background({ name: 'deliveries-backlog', every: 5_000, role: 'every-process', whenReadOnly: 'run', atStart: true })
  async measure(): Promise<void> {
    this.latest = await this.deliveries.backlog();
    this.pending.set(this.latest.pending);
    this.held.set(this.latest.held);
    this.dead.set(this.latest.dead);
    this.open.set(this.latest.open);
    this.oldest.set(this.latest.oldestSeconds);
  }
}
