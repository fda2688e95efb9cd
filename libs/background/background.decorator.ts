import 'reflect-metadata';
import type { TaskDefinition, TaskRole } from './background-task.js';

/** How a method runs in the background. `T` is its class, for options that depend on settings. */
export interface BackgroundOptions<T> {
  /** Unique in the desk, `<lib>-<what>`; it labels metrics and names the row at /v1/system/tasks. */
  name: string;
  /** Time between the end of a run and the start of the next, in ms. */
  every: number | ((self: T) => number);
  /** `worker`: processes with DESKWIRE_ROLE worker or all. */
  role: TaskRole;
  /** What DB_READONLY does to it. A task that writes pauses. */
  whenReadOnly: 'pause' | 'run';
  /** Runs right after the start. By default the first run comes after one interval, and within 3 minutes. */
  atStart?: boolean;
  /** Time until the next run after a failure, in ms; `every`, and at most 60,000, by default. */
  retry?: number;
  /** Whether this process runs it at all. Called once, after the start. */
  when?: (self: T) => boolean;
}

type TaskMethod = (signal: AbortSignal) => unknown;

const TASKS = Symbol('deskwire:background');
const MAX_RETRY_MS = 60_000;

/**
 * Runs the method in the background of every process of the role, from the end of the start until the process stops. Each run
 * has its own correlation id, and runs never overlap. Errors are logged and counted, and the method runs again.
 * Several processes run the same task, so its work must be safe to do twice at once.
 */
export function Background<T>(options: BackgroundOptions<T>) {
  return <M extends TaskMethod>(
    target: object,
    method: string | symbol,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const own = (Reflect.getOwnMetadata(TASKS, target) ?? []) as [BackgroundOptions<never>, string | symbol][];
    Reflect.defineMetadata(TASKS, [...own, [options, method]], target);
  };
}

/** The tasks that the methods of `instance` declare. */
export function tasksOf(instance: object): TaskDefinition[] {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  const declared = ((prototype && Reflect.getMetadata(TASKS, prototype)) ?? []) as [
    BackgroundOptions<object>,
    string,
  ][];
  return declared.map(([{ every, retry, when, atStart = false, ...options }, method]) => {
    const everyMs = () => (typeof every === 'number' ? every : every(instance));
    return {
      ...options,
      atStart,
      everyMs,
      retryMs: () => retry ?? Math.min(everyMs(), MAX_RETRY_MS),
      when: () => when?.(instance) ?? true,
      run: (signal) => (instance as Record<string, TaskMethod>)[method]!(signal),
    };
  });
}
