import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Runner } from 'graphile-worker';
import type pg from 'pg';
import { Database, DataSources, Startup } from '#database';
import { ShutdownSequence } from '#telemetry';
import { DeskRole } from '#background';
import { JobExecution } from './job-execution.js';
import { jobsPool } from './graphile-worker.js';
import { JobReleases } from './job-releases.js';
import { jobsConfig, type JobsConfig } from './jobs.config.js';

/** A runner that could not start or ended (PostgreSQL went away) is started again after this time. */
const AGAIN_AFTER_MS = 2_000;

/** A runner that waits because the database is read-only checks again after this time. */
const READ_ONLY_RECHECK_MS = 500;

/**
 * Time after a stop for jobs to end, and then for their releases. A job that takes longer is aborted by its signal, and a
 * release that takes longer is given up: another worker runs the job again.
 */
const FINISH_MS = 2_000;

/**
 * Keeps graphile-worker's runner alive in a process whose role is worker or all: after the start, and not while the database is read-only.
 * Not a background task: it is one run that lasts as long as the process.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private runner: Runner | undefined;
  private running: Promise<void> | undefined;
  private readonly ending = new AbortController();
  private stopped = false;

  constructor(
    private readonly role: DeskRole,
    private readonly sources: DataSources,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly execution: JobExecution,
    private readonly shutdown: ShutdownSequence,
    @Inject(jobsConfig.token) private readonly config: JobsConfig,
  ) {}

  get isRunning(): boolean {
    return this.runner !== undefined;
  }

  /** Jobs that this process runs at once. */
  get concurrency(): number {
    return this.config.concurrency;
  }

  onApplicationBootstrap(): void {
    if (!this.role.worker) return;
    this.shutdown.onDrain('jobs', () => this.stop());
    void this.startup.whenReady().then(
      () => {
        if (this.stopped) return;
        this.running = this.keepRunning();
      },
      () => undefined,
    );
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped) {
      if (this.database.readOnly) {
        await this.pause(READ_ONLY_RECHECK_MS);
        continue;
      }
      const pool = jobsPool(this.sources.separatePool(this.config.concurrency + 2, 'deskwire-jobs'));
      const releases = new JobReleases(pool, (err) =>
        this.logger.warn({ msg: 'a finished job stays marked as running, and runs again', err }),
      );
      const unsubscribe = this.database.onReadOnly((readOnly) => {
        if (readOnly) void this.runner?.stop().catch(() => undefined);
      });
      try {
        this.runner = await this.start(pool);
        await (this.stopped ? this.runner.stop() : this.runner.promise);
      } catch (error) {
        if (!this.stopped) this.logger.error({ msg: 'jobs do not run; starting again', err: error });
      } finally {
        unsubscribe();
        await releases.finish(FINISH_MS);
        await pool.end();
      }
      this.runner = undefined;
      await this.pause(AGAIN_AFTER_MS);
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  private async start(pgPool: pg.Pool): Promise<Runner> {
    // Loaded here: the start does not need it, and a web process never does.
    const { Logger: WorkerLogger, run } = await import('graphile-worker');
    return run({
      pgPool,
      concurrency: this.config.concurrency,
      pollInterval: this.config.pollMs,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: FINISH_MS,
      taskList: this.execution.taskList(),
      logger: new WorkerLogger(() => (level, message) => {
        if (level === 'error') this.logger.error({ msg: message });
        else if (level === 'warning') this.logger.warn({ msg: message });
      }),
    } as Parameters<typeof run>[0]);
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    this.ending.abort();
    await this.runner?.stop().catch(() => undefined); // it may be stopping already
    await this.running;
  }
}
