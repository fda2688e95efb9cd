import { Logger } from '@nestjs/common';
import { withCorrelation } from '#telemetry';

/** Which processes run a task. */
export type TaskRole = 'worker' | 'every-process';

/** A registered task. Its functions are called each time a run is scheduled. */
export interface TaskDefinition {
  name: string;
  role: TaskRole;
  whenReadOnly: 'pause' | 'run';
  /** Time between the end of a run and the start of the next, in ms. */
  everyMs: () => number;
  /** The same after a failed run. */
  retryMs: () => number;
  /** Whether the first run comes right after the start instead of after one interval or a few minutes. */
  atStart: boolean;
  /** Whether this process runs the task at all. Called once, after the start. */
  when: () => boolean;
  /** @param signal aborts when the process stops */
  run: (signal: AbortSignal) => unknown;
}

export type TaskState = 'waiting' | 'running' | 'paused' | 'off';
export type TaskResult = 'done' | 'failed';

/** A task as operators see it. Times are those of this process. */
export interface TaskView {
  name: string;
  role: TaskRole;
  /** `paused`: the desk is read-only. `off`: this process does not run the task, or its start is not done. */
  state: TaskState;
  everyMs: number;
  lastRunAt: Date | null;
  lastDurationMs: number | null;
  lastResult: TaskResult | null;
  /** Code or class of the last error while the last run failed; the message is in the log only. */
  lastError: string | null;
  nextRunAt: Date | null;
}

/** From this interval on, runs are spread at random, so that processes that start together do not work at the same moment. */
const JITTER_FROM_MS = 10_000;
/** The first run of a slower task. A process that restarts more often than an hourly task runs would never run it. */
const FIRST_RUN_WITHIN_MS = 180_000;
const AT_START_SPREAD_MS = 1_000;
/** A task that keeps failing is logged at its first failure and then once in this time. */
const LOG_FAILURE_EVERY_MS = 60_000;
/** A task that is due while it is paused checks again after this time. */
const PAUSED_RECHECK_MS = 500;
/** Maximum delay of setTimeout; it fires at once for a longer one. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The schedule of one task. Runs never overlap, a wake brings the next run forward, and stop() waits for the current one. */
export class BackgroundTask {
  private readonly logger = new Logger('Background');
  private readonly ending = new AbortController();
  private state: TaskState = 'off';
  private timer: NodeJS.Timeout | undefined;
  private nextAt = Number.POSITIVE_INFINITY;
  /** Time requested by a wake before the start or during a run. */
  private wokenFor = Number.POSITIVE_INFINITY;
  private running: Promise<void> | undefined;
  private last: { at: Date; durationMs: number; result: TaskResult; error: string | null } | undefined;
  private failures = 0;
  private failureLoggedAt = 0;

  /**
   * @param finished called after each run
   * @param isPaused whether it must not run now. It runs within half a second after that
   */
  constructor(
    readonly definition: TaskDefinition,
    private readonly finished: (task: BackgroundTask, result: TaskResult, seconds: number) => void,
    private readonly isPaused: () => boolean = () => false,
  ) {}

  /** Begins the schedule, after the start of the process. */
  start(): void {
    if (this.ending.signal.aborted) return;
    this.state = 'waiting';
    const every = this.definition.everyMs();
    const jittered = every >= JITTER_FROM_MS;
    let delay = jittered ? Math.min(every, FIRST_RUN_WITHIN_MS) * (1 - Math.random() / 2) : every;
    if (this.definition.atStart) delay = jittered ? Math.random() * AT_START_SPREAD_MS : 0;
    this.scheduleNext(Date.now() + delay);
  }

  /** Runs at `at` or earlier, at once if that is now. A wake during a run causes one more run after it. */
  wake(at: number): void {
    if (this.state === 'waiting' && at < this.nextAt) this.schedule(at);
    else if (this.state === 'off' || this.state === 'running') this.wokenFor = Math.min(this.wokenFor, at);
  }

  /** Starts no more runs, aborts the signal of the current run and waits for it. */
  async stop(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  view(): TaskView {
    const { name, role, everyMs } = this.definition;
    const paused = this.state === 'waiting' && this.isPaused();
    const { at = null, durationMs = null, result = null, error = null } = this.last ?? {};
    return {
      name,
      role,
      state: paused ? 'paused' : this.state,
      everyMs: everyMs(),
      lastRunAt: at,
      lastDurationMs: durationMs,
      lastResult: result,
      lastError: error,
      nextRunAt: this.state === 'waiting' && !paused ? new Date(this.nextAt) : null,
    };
  }

  /** @param at time of the next run, unless a wake requested an earlier one */
  private scheduleNext(at: number): void {
    const next = Math.min(at, this.wokenFor);
    this.wokenFor = Number.POSITIVE_INFINITY;
    this.schedule(next);
  }

  private schedule(at: number): void {
    clearTimeout(this.timer);
    if (this.ending.signal.aborted) return;
    this.nextAt = at;
    const delay = at - Date.now();
    if (delay <= 0) this.begin();
    else this.timer = setTimeout(() => this.begin(), Math.min(delay, MAX_TIMEOUT_MS)).unref();
  }

  private begin(): void {
    if (this.isPaused()) {
      this.timer = setTimeout(() => this.begin(), PAUSED_RECHECK_MS).unref();
      return;
    }
    this.state = 'running';
    this.running = this.runOnce().then((result) => {
      this.running = undefined;
      this.state = 'waiting';
      const { everyMs, retryMs } = this.definition;
      if (result === 'failed') this.wokenFor = Number.POSITIVE_INFINITY; // a wake must not skip the pause after a failure
      const delay = result === 'failed' ? retryMs() : everyMs();
      this.scheduleNext(Date.now() + delay * (delay >= JITTER_FROM_MS ? 1 - Math.random() / 10 : 1));
    });
  }

  /** Runs in its own context. A wake comes from a request, whose connection and correlation id the task must not use. */
  private async runOnce(): Promise<TaskResult> {
    const { name, run } = this.definition;
    const { signal } = this.ending;
    const at = new Date();
    const began = performance.now();
    let failure: { error: unknown } | undefined;
    await withCorrelation(undefined, async () => {
      try {
        await run(signal);
        if (this.failures > 0) this.logger.log({ msg: `task ${name} runs again`, failures: this.failures });
      } catch (error) {
        if (signal.aborted) return; // the process stops
        failure = { error };
        this.logFailure(error);
      }
    });
    const durationMs = performance.now() - began;
    const result = failure ? 'failed' : 'done';
    this.failures = failure ? this.failures + 1 : 0;
    this.last = { at, durationMs, result, error: failure ? codeOf(failure.error) : null };
    this.finished(this, result, durationMs / 1_000);
    return result;
  }

  private logFailure(error: unknown): void {
    const now = Date.now();
    if (this.failures > 0 && now - this.failureLoggedAt < LOG_FAILURE_EVERY_MS) return;
    this.failureLoggedAt = now;
    const { name, retryMs } = this.definition;
    this.logger.warn({ msg: `task ${name} failed; it is tried again`, nextMs: retryMs(), err: error });
  }
}

/** Omits the message, which may contain an address or a token. */
function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(code ?? name ?? 'error').slice(0, 60);
}
