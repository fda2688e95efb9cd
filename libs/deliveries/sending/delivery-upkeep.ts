import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Background } from '#background';
import { Changes } from '#changes';
import { DeliveryLanesRepository } from '../lanes/delivery-lanes.repository.js';
import { DeliveryLeasesRepository } from './delivery-leases.repository.js';
import { WorkerLease } from './worker-lease.js';

/** Scheduled tasks of workers: takeover, recoveries, corrections. */
@Injectable()
export class DeliveryUpkeep {
  private readonly logger = new Logger('Deliveries');

  constructor(
    private readonly leases: DeliveryLeasesRepository,
    private readonly lease: WorkerLease,
    private readonly lanes: DeliveryLanesRepository,
    private readonly changes: Changes,
    @InjectMetric('deliveries_reclaimed_total') private readonly reclaimed: Counter,
  ) {}

  /** Returns deliveries of workers whose lease has ended to their queues. With leases of 20 s, at most 22 s after a kill. */
  @Background({ name: 'deliveries-leases', every: 1_000, role: 'worker', whenReadOnly: 'pause' })
  async reclaim(): Promise<void> {
    const reclaimed = await this.leases.reclaim(this.lease.owner, this.lease.heldIds);
    if (reclaimed === 0) return;
    this.reclaimed.inc(reclaimed);
    this.logger.warn({ msg: 'deliveries of a worker whose lease ended are back in their queues', reclaimed });
    await this.changes.append('deliveries', ['leases']);
  }

  @Background({ name: 'deliveries-recoveries', every: 1_000, role: 'worker', whenReadOnly: 'pause' })
  async finishRecoveries(): Promise<void> {
    if ((await this.lanes.finishRecoveries()) > 0) this.changes.hint();
  }

  @Background({ name: 'deliveries-stragglers', every: 10_000, role: 'worker', whenReadOnly: 'pause' })
  async settleStragglers(): Promise<void> {
    if ((await this.lanes.settleStragglers()) > 0) this.changes.hint();
  }
}
