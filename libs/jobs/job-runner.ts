import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Runner, TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Database, DataSources, Startup } from '#database';
import { HealthRegistry, ShutdownSequence, withCorrelation } from '#telemetry';
import { DeskRole } from '#background';
import { JobTasks } from './job-tasks.js';
import { jobsPool } from './jobs-pool.js';
import { jobsConfig, type JobsConfig } from './jobs.config.js';
import { JobsRepository } from './jobs.repository.js';

const LOOK_EVERY_MS = 5_000;
/** A runner that could not start, or fell (PostgreSQL went away in the middle), is started anew after so long. */
const AGAIN_AFTER_MS = 2_000;

/** A job that does not end by itself in this time after a stop is asked to: its signal aborts, and it is run again elsewhere. */
const FINISH_MS = 2_000;

/** Runs jobs in a process whose role is worker or all: after the start, never on a read-only desk. */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private runner: Runner | undefined;
  private running: Promise<void> | undefined;
  private readonly ending = new AbortController();
  private looking: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly tasks: JobTasks,
    private readonly role: DeskRole,
    private readonly sources: DataSources,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly repository: JobsRepository,
    private readonly health: HealthRegistry,
    private readonly shutdown: ShutdownSequence,
    @Inject(jobsConfig.token) private readonly config: JobsConfig,
    @InjectMetric('jobs_run_total') private readonly runs: Counter,
    @InjectMetric('jobs_run_duration_seconds') private readonly duration: Histogram,
    @InjectMetric('jobs_waiting') private readonly waiting: Gauge,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.role.worker) return;
    this.shutdown.onDrain('jobs', () => this.stop());
    void this.startup.whenReady().then(
      () => {
        if (this.stopped || this.database.readOnly) return;
        this.running = this.keepRunning();
        this.health.register({
          name: 'jobs',
          check: () => ({ status: this.runner ? 'up' : 'degraded', concurrency: this.config.concurrency }),
        });
        this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
      },
      () => undefined,
    );
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped) {
      const pool = jobsPool(this.sources.connection('app'), this.config.concurrency + 2, 'deskwire-jobs');
      try {
        this.runner = await this.start(pool);
        await (this.stopped ? this.runner.stop() : this.runner.promise);
      } catch (error) {
        if (!this.stopped) this.logger.error({ msg: 'jobs do not run; starting again', err: error });
      } finally {
        await pool.end();
      }
      this.runner = undefined;
      await delay(AGAIN_AFTER_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private async start(pgPool: pg.Pool): Promise<Runner> {
    // Loaded now: it takes no part in a start, and a web process never needs it.
    const { Logger: WorkerLogger, parseCronItems, run } = await import('graphile-worker');
    const taskList: TaskList = Object.fromEntries(
      [...this.tasks.handlers.keys()].map((name) => [
        name,
        (payload, helpers) => this.runOne(name, payload, helpers.abortSignal),
      ]),
    );
    return run({
      pgPool,
      concurrency: this.config.concurrency,
      pollInterval: this.config.pollMs,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: FINISH_MS,
      // jobKey: should a run take longer than its period, the next one waits instead of joining it.
      parsedCronItems: parseCronItems(
        this.tasks.crons.map(({ name, pattern }) => ({
          task: name,
          match: pattern,
          identifier: name,
          options: { jobKey: name, maxAttempts: 3 },
        })),
      ),
      taskList,
      logger: new WorkerLogger(() => (level, message) => {
        if (level === 'error') this.logger.error({ msg: message });
        else if (level === 'warning') this.logger.warn({ msg: message });
      }),
    } as Parameters<typeof run>[0]);
  }

  private async runOne(name: string, envelope: unknown, signal: AbortSignal): Promise<void> {
    // A cron job has no envelope: nobody's request caused it.
    const { correlationId, payload } = envelope as { correlationId?: string; payload?: unknown };
    const done = this.duration.startTimer({ task: name });
    try {
      await withCorrelation(correlationId, () => this.tasks.handlers.get(name)!(payload ?? {}, signal));
      this.runs.inc({ task: name, outcome: 'done' });
    } catch (error) {
      this.runs.inc({ task: name, outcome: 'failed' });
      this.logger.warn({ msg: `job ${name} failed; it is tried again later`, err: error });
      throw error;
    } finally {
      done();
    }
  }

  private async look(): Promise<void> {
    try {
      this.waiting.set(await withCorrelation(undefined, () => this.repository.waiting()));
    } catch {
      // The database is away; it says so itself.
    }
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    this.ending.abort();
    clearInterval(this.looking);
    await this.runner?.stop().catch(() => undefined); // it may be stopping already
    await this.running;
  }
}
