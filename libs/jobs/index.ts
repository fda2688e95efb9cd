export { JobRunner } from './job-runner.js';
export { JobTasks, type JobHandler } from './job-tasks.js';
export { Jobs, type JobOptions } from './jobs.js';
export { jobsConfig, type JobsConfig } from './jobs.config.js';
export { JobsModule } from './jobs.module.js';
export { jobsSchema } from './graphile-worker.js';
