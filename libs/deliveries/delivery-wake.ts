import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs, JobTasks } from '#jobs';

const TASK = 'deliveries:wake';
/** With a job for each alert, jobs would be half of all writes; the change feed wakes within 20 ms anyway. */
const EVERY_MS = 250;

/** Wakes a worker, of this process or another, when there is something to send. A lost wake costs one poll. */
@Injectable()
export class DeliveryWake implements OnModuleInit {
  private readonly sleepers = new Set<() => void>();
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly jobs: Jobs,
    private readonly tasks: JobTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.task(TASK, () => {
      this.wake();
      return Promise.resolve();
    });
  }

  /** Adds a wake to the open transaction, unless one was added just now. */
  async ask(): Promise<void> {
    const now = performance.now();
    if (now - this.askedAt < EVERY_MS) return;
    this.askedAt = now;
    await this.jobs.add(TASK, {}, { maxAttempts: 1 });
  }

  onWake(wake: () => void): void {
    this.sleepers.add(wake);
  }

  wake(): void {
    for (const sleeper of this.sleepers) sleeper();
  }
}
