/** A pure function that runs in a worker thread. */
export interface ThreadTask<Input, Output> {
  /** `<lib>-<what>`: labels metrics and names the task in errors. */
  readonly name: string;
  /** URL of the module whose default export is the function: `import.meta.resolve('./parse.js')`. */
  readonly module: string;
  /** Maximum duration of a run in the thread, in ms. Then the thread is terminated and replaced. */
  readonly deadlineMs: number;
  /** Maximum size of the old generation of the thread's heap, in MiB. Buffers are not part of it. */
  readonly heapMb: number;
  /** Maximum size of the young generation, in MiB; 16 by default. */
  readonly youngMb?: number;
  /** Maximum number of threads of this task, if fewer than the process allows. */
  readonly maxThreads?: number;
  /** Types only. */
  readonly types?: (input: Input) => Output;
}

/**
 * Declares a task of a thread. Its function gets and returns what `structuredClone` can copy.
 * @example
 * ```ts
 * import type parse from './parse.js';
 * export const parseTask = threadTask<typeof parse>({
 *   name: 'feeds-parse', module: import.meta.resolve('./parse.js'), deadlineMs: 2_000, heapMb: 64,
 * });
 * ```
 */
export function threadTask<Work extends (input: never) => unknown>(
  task: Omit<ThreadTask<Parameters<Work>[0], Awaited<ReturnType<Work>>>, 'types'>,
): ThreadTask<Parameters<Work>[0], Awaited<ReturnType<Work>>> {
  return task;
}
