import { Global, Module } from '@nestjs/common';
import { JobRunner } from './job-runner.js';
import { JobTasks } from './job-tasks.js';
import { Jobs } from './jobs.js';
import { jobsMetrics } from './jobs.metrics.js';
import { JobsRepository } from './jobs.repository.js';

/** Global, as the database is: what a process is for, and work that is to be done later. */
@Global()
@Module({
  providers: [...jobsMetrics, JobRunner, Jobs, JobsRepository, JobTasks],
  exports: [Jobs, JobTasks],
})
export class JobsModule {}
