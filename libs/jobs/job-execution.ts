import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { TaskList } from 'graphile-worker';
import type { Counter, Histogram } from 'prom-client';
import { withCorrelation } from '#telemetry';
import { JobTasks } from './job-tasks.js';

/**
 * Runs one job by the handler of its task, under the correlation id of the request that added it. Counts and measures
 * it.
 */
@Injectable()
export class JobExecution {
  private readonly logger = new Logger('Jobs');

  constructor(
    private readonly tasks: JobTasks,
    @InjectMetric('jobs_run_total') private readonly runs: Counter,
    @InjectMetric('jobs_run_duration_seconds') private readonly duration: Histogram,
  ) {}

  /** What graphile-worker calls for each task that a lib has declared. */
  taskList(): TaskList {
    return Object.fromEntries(
      [...this.tasks.handlers.keys()].map((name) => [
        name,
        (payload, helpers) => this.run(name, payload, helpers.abortSignal),
      ]),
    );
  }

  private async run(name: string, envelope: unknown, signal: AbortSignal): Promise<void> {
    const { correlationId, payload } = envelope as { correlationId: string; payload: unknown };
    const done = this.duration.startTimer({ task: name });
    try {
      await withCorrelation(correlationId, () => this.tasks.handlers.get(name)!(payload, signal));
      this.runs.inc({ task: name, outcome: 'done' });
    } catch (error) {
      this.runs.inc({ task: name, outcome: 'failed' });
      this.logger.warn({ msg: `job ${name} failed; it is tried again later`, err: error });
      throw error;
    } finally {
      done();
    }
  }
}
