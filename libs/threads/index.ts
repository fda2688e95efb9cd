export { type ThreadTask, threadTask } from './thread-task.js';
export { type ThreadRun } from './thread-pool.js';
export { Threads } from './threads.js';
export { type ThreadsConfig, threadsConfig } from './threads.config.js';
export { ThreadsModule } from './threads.module.js';
