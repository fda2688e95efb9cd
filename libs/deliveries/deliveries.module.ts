import { Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { JobsModule } from '#jobs';
import { DeliveriesController } from './ledger/deliveries.controller.js';
import { deliveriesConfig, type DeliveriesConfig } from './deliveries.config.js';
import { deliveriesMetrics } from './deliveries.metrics.js';
import { DeliveriesRepository } from './ledger/deliveries.repository.js';
import { DeliveriesService } from './ledger/deliveries.service.js';
import { DeliveryBacklog } from './ledger/delivery-backlog.js';
import { DeliveryChannels } from './sending/delivery-channel.js';
import { DeliveryClaimRepository } from './sending/delivery-claim.repository.js';
import { DeliveryEnqueueRepository } from './ledger/delivery-enqueue.repository.js';
import { DeliveryLeasesRepository } from './sending/delivery-leases.repository.js';
import { DeliveryLanes } from './lanes/delivery-lanes.js';
import { DeliveryLanesRepository } from './lanes/delivery-lanes.repository.js';
import { DeliveryQueue } from './ledger/delivery-queue.js';
import { DeliveryRecordRepository } from './sending/delivery-record.repository.js';
import { DeliveryRetries } from './ledger/delivery-retries.service.js';
import { DeliveryRetriesRepository } from './ledger/delivery-retries.repository.js';
import { DeliverySender } from './sending/delivery-sender.js';
import { DeliveryUpkeep } from './sending/delivery-upkeep.js';
import { DeliveryWake } from './delivery-wake.js';
import { DeliveryWorker } from './sending/delivery-worker.js';
import { OutcomeRecorder } from './sending/outcome-recorder.js';
import { OutcomeWriter } from './sending/outcome-writer.js';
import { WorkerLease } from './sending/worker-lease.js';
import { DeliveriesPanel } from './ledger/deliveries.panel.js';

const MINUTE_MS = 60_000;

const entry = [DeliveriesService, DeliveryChannels, DeliveryLanes, DeliveryQueue];

/** The ledger of deliveries and the workers that send them. Other libs add the channels. */
@Module({
  imports: [ChangesModule, JobsModule],
  controllers: [DeliveriesController],
  providers: [
    DeliveriesPanel,
    ...deliveriesMetrics,
    ...entry,
    DeliveriesRepository,
    DeliveryBacklog,
    DeliveryClaimRepository,
    DeliveryEnqueueRepository,
    DeliveryLanesRepository,
    DeliveryLeasesRepository,
    DeliveryRecordRepository,
    DeliveryRetries,
    DeliveryRetriesRepository,
    DeliverySender,
    DeliveryUpkeep,
    DeliveryWake,
    DeliveryWorker,
    OutcomeRecorder,
    OutcomeWriter,
    WorkerLease,
  ],
  exports: [...entry, DeliveriesPanel],
})
export class DeliveriesModule {
  constructor(
    retention: Retention,
    deliveries: DeliveriesRepository,
    @Inject(deliveriesConfig.token) { retentionMs }: DeliveriesConfig,
  ) {
    retention.keep({ table: 'alert_delivery_queue', remove: (limit) => deliveries.purge(retentionMs, limit) });
    retention.keep({ table: 'delivery_lane_windows', column: 'bucket', ms: 15 * MINUTE_MS });
    retention.keep({ table: 'delivery_workers', column: 'lease_until', ms: 24 * 60 * MINUTE_MS });
  }
}
