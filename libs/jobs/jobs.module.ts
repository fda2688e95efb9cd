import { Global, Module } from '@nestjs/common';
import { JobExecution } from './job-execution.js';
import { JobRunner } from './job-runner.js';
import { JobTasks } from './job-tasks.js';
import { Jobs } from './jobs.js';
import { jobsMetrics } from './jobs.metrics.js';
import { JobsRepository } from './jobs.repository.js';

/** Global, as the database is: work that is done later and survives the process. */
@Global()
@Module({
  providers: [...jobsMetrics, JobExecution, JobRunner, Jobs, JobsRepository, JobTasks],
  exports: [JobRunner, Jobs, JobTasks],
})
export class JobsModule {}
