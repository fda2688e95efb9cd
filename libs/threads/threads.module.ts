import { Global, Module } from '@nestjs/common';
import { Threads } from './threads.js';
import { threadsMetrics } from './threads.metrics.js';

/** Worker threads for work whose size a user decides. */
@Global()
@Module({
  providers: [...threadsMetrics, Threads],
  exports: [Threads],
})
export class ThreadsModule {}
