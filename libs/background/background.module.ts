import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BackgroundTasks } from './background-tasks.js';
import { backgroundMetrics } from './background.metrics.js';
import { DeskRole } from './desk-role.js';
import { Retention } from './retention.js';
import { RetentionRepository } from './retention.repository.js';

/** Scheduled work and the role of the process. Global, like the database module. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [...backgroundMetrics, BackgroundTasks, DeskRole, Retention, RetentionRepository],
  exports: [BackgroundTasks, DeskRole, Retention],
})
export class BackgroundModule {}
