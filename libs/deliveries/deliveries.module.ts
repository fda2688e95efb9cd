import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { JobsModule } from '#jobs';
import { DeadLetters } from './dead-letters.js';
import { DeliveriesController } from './deliveries.controller.js';
import { deliveriesMetrics } from './deliveries.metrics.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryChannels } from './delivery-channel.js';
import { DeliveryClaimRepository } from './delivery-claim.repository.js';
import { DeliveryEnqueueRepository } from './delivery-enqueue.repository.js';
import { DeliveryLanes } from './delivery-lanes.js';
import { DeliveryLanesRepository } from './delivery-lanes.repository.js';
import { DeliveryQueue } from './delivery-queue.js';
import { DeliveryRecordRepository } from './delivery-record.repository.js';
import { DeliveryRetries } from './delivery-retries.service.js';
import { DeliveryRetriesRepository } from './delivery-retries.repository.js';
import { DeliveryUpkeep } from './delivery-upkeep.js';
import { DeliveryWake } from './delivery-wake.js';
import { DeliveryWorker } from './delivery-worker.js';
import { OutcomeRecorder } from './outcome-recorder.js';

const door = [DeadLetters, DeliveriesRepository, DeliveryChannels, DeliveryLanes, DeliveryQueue, DeliveryRetries];

/** The ledger and its workers. Channels and the listener of dead letters come from those who know them. */
@Module({
  imports: [ChangesModule, JobsModule],
  controllers: [DeliveriesController],
  providers: [
    ...deliveriesMetrics,
    ...door,
    DeliveriesService,
    DeliveryClaimRepository,
    DeliveryEnqueueRepository,
    DeliveryLanesRepository,
    DeliveryRecordRepository,
    DeliveryRetriesRepository,
    DeliveryUpkeep,
    DeliveryWake,
    DeliveryWorker,
    OutcomeRecorder,
  ],
  exports: door,
})
export class DeliveriesModule {}
