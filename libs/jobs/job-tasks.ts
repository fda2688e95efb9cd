import { Injectable } from '@nestjs/common';

/**
 * The handler of a task. It may run more than once, because a killed worker's job is run again, so it must be safe to
 * repeat.
 * @param signal aborts when the process is stopping and the time for finishing is up
 */
export type JobHandler = (payload: unknown, signal: AbortSignal) => Promise<void>;

/** The tasks that jobs can name. Libs declare theirs in onModuleInit; the runner starts when all are in. */
@Injectable()
export class JobTasks {
  readonly handlers = new Map<string, JobHandler>();

  /** @throws Error if the name is taken */
  task(name: string, handler: JobHandler): void {
    if (this.handlers.has(name)) throw new Error(`There are two tasks named ${name}; a task has one handler.`);
    this.handlers.set(name, handler);
  }
}
