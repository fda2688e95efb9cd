import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BackgroundTasks } from './background-tasks.js';
import { backgroundMetrics } from './background.metrics.js';
import { DeskRole } from './desk-role.js';
import { Retention } from './retention.js';
import { RetentionRepository } from './retention.repository.js';

/** Global, as the database is: what this process is for, and the work it does by itself. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [...backgroundMetrics, BackgroundTasks, DeskRole, Retention, RetentionRepository],
  exports: [BackgroundTasks, DeskRole, Retention],
})
export class BackgroundModule {}
