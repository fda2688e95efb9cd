import { Module } from '@nestjs/common';
import { RegionProbesTask } from './region-probes.task.js';
import { RegionsController } from './regions.controller.js';
import { regionsMetrics } from './regions.metrics.js';
import { RegionsService } from './regions.service.js';
import { ReplicaMeasureTask } from './replica-measure.task.js';

/** The regions of the desk, and the replica of this one. */
@Module({
  controllers: [RegionsController],
  providers: [...regionsMetrics, RegionProbesTask, RegionsService, ReplicaMeasureTask],
})
export class RegionsModule {}
