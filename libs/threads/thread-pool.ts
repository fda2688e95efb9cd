import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { withTimeout } from '#resilience';
import { FairQueue } from './fair-queue.js';
import type { ThreadAnswer, ThreadCall, ThrownError } from './thread-entry.js';
import type { ThreadTask } from './thread-task.js';
import type { ThreadsConfig } from './threads.config.js';
import {
  deadlineExceeded,
  outOfMemory,
  threadCrashed,
  threadsBusy,
  threadsStopping,
  waitedTooLong,
} from './threads.errors.js';

export interface ThreadRun {
  /** The caller: waiting runs are taken one key after the other. The id of a user or of a source, or a constant. */
  key: string;
  /** Ends the run: it leaves the queue, or its thread is terminated and replaced. */
  signal?: AbortSignal | undefined;
  /** A shorter deadline than the task's, in ms. */
  deadlineMs?: number;
  /** Refuses the run with THREADS_BUSY if it has not begun after this long, in ms. */
  maxWaitMs?: number;
  /** Buffers of the input that move to the thread instead of being copied. The caller can no longer read them. */
  transfer?: readonly ArrayBuffer[];
}

export type ThreadResult = 'done' | 'failed' | 'timed_out' | 'out_of_memory' | 'crashed' | 'aborted' | 'refused';

/** What happens in a pool, for metrics. */
export interface PoolObserver {
  waiting(runs: number): void;
  began(waitedMs: number): void;
  ended(result: ThreadResult, ms: number): void;
}

interface Waiting extends ThreadRun {
  input: unknown;
  queuedAt: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  leave?: () => void;
  timer?: NodeJS.Timeout;
}

/** Maximum time that a thread may take to start and to load its module, in ms: only guards against hanging. */
const START_MS = 60_000;
/** Priority below the event loop's, on Linux: 0.4 instead of 0.5 cores where two threads share one. */
const NICE = 5;
/** Options of the process that a thread needs, too: how modules are found. V8's options are refused in threads. */
const LOADING = /^(?:--import|--require|-r|--conditions|-C|--enable-source-maps)(?:=|$)/;

/** The threads of one task and the runs that wait for them. Threads start with the first run and stay. */
export class ThreadPool {
  private readonly queue = new FairQueue<Waiting>();
  private readonly running = new Set<Promise<void>>();
  private readonly threads: number;
  private piscina: Piscina | undefined;
  private stopping = false;

  constructor(
    private readonly task: ThreadTask<never, unknown>,
    private readonly config: ThreadsConfig,
    private readonly observer: PoolObserver,
  ) {
    const cores = Math.max(1, availableParallelism() - 1);
    this.threads = Math.min(config.maxThreads, task.maxThreads ?? config.maxThreads, cores);
  }

  run(input: unknown, run: ThreadRun): Promise<unknown> {
    const refusal = this.refusal(run.key);
    if (refusal !== undefined) this.observer.ended('refused', 0);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      run.signal?.throwIfAborted();
      const waiting: Waiting = { ...run, input, queuedAt: performance.now(), resolve, reject };
      this.queue.push(run.key, waiting);
      waiting.leave = () => this.leave(waiting);
      run.signal?.addEventListener('abort', waiting.leave, { once: true });
      if (run.maxWaitMs !== undefined) waiting.timer = setTimeout(() => this.giveUp(waiting), run.maxWaitMs);
      this.dispatch();
    });
  }

  /** Takes no new runs, gives those begun and waiting `drainMs`, then terminates the threads. */
  async close(): Promise<void> {
    this.stopping = true;
    const drained = async (): Promise<void> => {
      while (this.running.size > 0) await Promise.all(this.running);
    };
    await withTimeout(drained(), this.config.drainMs, () => undefined);
    for (let left = this.queue.next(); left !== undefined; left = this.queue.next()) this.stop(left);
    await this.piscina?.destroy();
    await drained();
  }

  private stop(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    waiting.reject(threadsStopping(this.task.name));
  }

  private refusal(key: string): Error | undefined {
    const { maxWaiting, maxWaitingPerKey } = this.config;
    if (this.stopping) return threadsStopping(this.task.name);
    if (this.queue.size >= maxWaiting) return threadsBusy(this.task.name, maxWaiting, 'in total');
    if (this.queue.sizeOf(key) >= maxWaitingPerKey)
      return threadsBusy(this.task.name, maxWaitingPerKey, 'of this caller');
    return undefined;
  }

  private leave(waiting: Waiting): void {
    if (!this.queue.remove(waiting.key, waiting)) return;
    clearTimeout(waiting.timer);
    this.observer.waiting(this.queue.size);
    this.observer.ended('aborted', 0);
    waiting.reject(waiting.signal!.reason);
  }

  private giveUp(waiting: Waiting): void {
    if (!this.queue.remove(waiting.key, waiting)) return;
    waiting.signal?.removeEventListener('abort', waiting.leave!);
    this.observer.waiting(this.queue.size);
    this.observer.ended('refused', 0);
    waiting.reject(waitedTooLong(this.task.name, waiting.maxWaitMs!));
  }

  private dispatch(): void {
    while (this.running.size < this.threads && this.queue.size > 0) {
      const waiting = this.queue.next()!;
      const work = this.perform(waiting).finally(() => {
        this.running.delete(work);
        this.dispatch();
      });
      this.running.add(work);
    }
    this.observer.waiting(this.queue.size);
  }

  private async perform(waiting: Waiting): Promise<void> {
    const { input, transfer = [], signal } = waiting;
    clearTimeout(waiting.timer);
    signal?.removeEventListener('abort', waiting.leave!);
    const began = performance.now();
    this.observer.began(began - waiting.queuedAt);
    const started = new Int32Array(new SharedArrayBuffer(4));
    const end = new AbortController();
    const abort = (): void => end.abort(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const deadline = this.deadline(started, end, waiting.deadlineMs ?? this.task.deadlineMs);
    try {
      const call: ThreadCall = { module: this.task.module, input, started };
      const options = { transferList: [...transfer], signal: end.signal };
      const answer = (await this.pool().run(call, options)) as ThreadAnswer;
      this.observer.ended('thrown' in answer ? 'failed' : 'done', performance.now() - began);
      if ('thrown' in answer) waiting.reject(rebuilt(answer.thrown));
      else waiting.resolve(answer.value);
    } catch (error) {
      const [result, reason] = this.failure(error, end.signal, signal);
      this.observer.ended(result, performance.now() - began);
      waiting.reject(reason);
    } finally {
      deadline.clear();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Counts from the moment at which the thread begins the work, so a thread that has just been replaced costs no time. */
  private deadline(started: Int32Array<SharedArrayBuffer>, end: AbortController, deadlineMs: number) {
    const { name } = this.task;
    let timer: NodeJS.Timeout | undefined;
    let cleared = false;
    const wait = Atomics.waitAsync(started, 0, 0, START_MS);
    void Promise.resolve(wait.value).then(() => {
      if (!cleared) timer = setTimeout(() => end.abort(deadlineExceeded(name, deadlineMs)), deadlineMs);
    });
    return {
      clear: () => {
        cleared = true;
        clearTimeout(timer);
        Atomics.store(started, 0, 1);
        Atomics.notify(started, 0);
      },
    };
  }

  private failure(error: unknown, end: AbortSignal, asked: AbortSignal | undefined): [ThreadResult, unknown] {
    const { name, heapMb } = this.task;
    if (end.aborted) return [asked?.aborted === true ? 'aborted' : 'timed_out', end.reason];
    if (this.stopping) return ['aborted', threadsStopping(name)];
    if ((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY')
      return ['out_of_memory', outOfMemory(name, heapMb, error)];
    return ['crashed', threadCrashed(name, error)];
  }

  private pool(): Piscina {
    if (this.piscina !== undefined) return this.piscina;
    const { heapMb, youngMb = 16 } = this.task;
    this.piscina = new Piscina({
      filename: import.meta.resolve('./thread-entry.js'),
      minThreads: 1,
      maxThreads: this.threads,
      idleTimeout: Infinity,
      niceIncrement: NICE,
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb },
      execArgv: loadingOptions(process.execArgv),
      // No variable of the environment: a thread that works on foreign input has no use for secrets.
      env: {},
    });
    // A thread that ends between two runs is replaced; each run gets its own error.
    this.piscina.on('error', () => undefined);
    return this.piscina;
  }
}

/** The options of this process for module resolution, each with its value. */
function loadingOptions(options: readonly string[]): string[] {
  return options.flatMap((option, index) => {
    if (!LOADING.test(option)) return [];
    return option.includes('=') || option === '--enable-source-maps' ? [option] : [option, options[index + 1]!];
  });
}

function rebuilt({ name, message, code, stack }: ThrownError): Error {
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }), ...(stack && { stack }) });
}
