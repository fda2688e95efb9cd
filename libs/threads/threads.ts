import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { ThreadPool, type ThreadResult, type ThreadRun } from './thread-pool.js';
import type { ThreadTask } from './thread-task.js';
import { threadsConfig, type ThreadsConfig } from './threads.config.js';
import { THREAD_RUN_DURATION, THREAD_RUNS, THREAD_WAIT_DURATION, THREAD_WAITING } from './threads.metrics.js';

/** Results that alert rules watch. */
const BAD_RESULTS: readonly ThreadResult[] = ['timed_out', 'out_of_memory', 'crashed', 'refused'];

/** Runs pure work off the event loop: each task has its own few threads, so tasks do not wait for each other. */
@Injectable()
export class Threads implements OnApplicationShutdown {
  private readonly pools = new Map<ThreadTask<never, unknown>, ThreadPool>();

  constructor(
    @Inject(threadsConfig.token) private readonly config: ThreadsConfig,
    @InjectMetric(THREAD_RUNS) private readonly runs: Counter<'task' | 'result'>,
    @InjectMetric(THREAD_RUN_DURATION) private readonly durations: Histogram<'task'>,
    @InjectMetric(THREAD_WAIT_DURATION) private readonly waits: Histogram<'task'>,
    @InjectMetric(THREAD_WAITING) private readonly waiting: Gauge<'task'>,
  ) {}

  /**
   * Runs the task and returns its result. Runs wait in the order of their keys' turns.
   * @throws DomainError THREADS_BUSY, THREADS_DEADLINE_EXCEEDED, THREADS_OUT_OF_MEMORY, THREADS_CRASHED,
   * THREADS_STOPPING
   * @throws Error with the name, message and code of an error of the function; the reason of `signal`
   */
  run<Input, Output>(task: ThreadTask<Input, Output>, input: Input, run: ThreadRun): Promise<Output> {
    return this.poolOf(task).run(input, run) as Promise<Output>;
  }

  /** Runs after every request and background task has ended, so no caller awaits the remaining runs. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }

  private poolOf<Input, Output>(task: ThreadTask<Input, Output>): ThreadPool {
    const known = this.pools.get(task as ThreadTask<never, unknown>);
    if (known !== undefined) return known;
    const { name } = task;
    // A counter that begins at 1 shows no increase to Prometheus.
    for (const result of BAD_RESULTS) this.runs.inc({ task: name, result }, 0);
    const pool = new ThreadPool(task as ThreadTask<never, unknown>, this.config, {
      waiting: (runs) => this.waiting.set({ task: name }, runs),
      began: (waitedMs) => this.waits.observe({ task: name }, waitedMs / 1_000),
      ended: (result, ms) => {
        this.runs.inc({ task: name, result });
        if (result !== 'refused') this.durations.observe({ task: name }, ms / 1_000);
      },
    });
    this.pools.set(task as ThreadTask<never, unknown>, pool);
    return pool;
  }
}
