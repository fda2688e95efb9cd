import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Changes } from '#changes';
import { Jobs, JobTasks } from '#jobs';
import { deliveriesConfig, type DeliveriesConfig } from './deliveries.config.js';

const TASK = 'deliveries:wake';
/** Minimum time between two jobs. One job per alert would be half of all writes, and the change feed wakes workers within 20 ms anyway. */
const JOB_EVERY_MS = 250;

/** Wakes a worker, of this process or another, when there is something to send. A lost wake-up costs one poll. */
@Injectable()
export class DeliveryWake implements OnModuleInit {
  private askedAt = Number.NEGATIVE_INFINITY;
  private count = 0;
  private sleeper: (() => void) | undefined;

  constructor(
    private readonly jobs: Jobs,
    private readonly tasks: JobTasks,
    private readonly changes: Changes,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.task(TASK, () => {
      this.wake();
      return Promise.resolve();
    });
  }

  /** Number of wake-ups so far, for `wait()`. */
  get wakes(): number {
    return this.count;
  }

  /** Adds a wake-up to the open transaction, unless one was added just now. */
  async ask(): Promise<void> {
    const now = performance.now();
    if (now - this.askedAt < JOB_EVERY_MS) return;
    this.askedAt = now;
    await this.jobs.add(TASK, {}, { maxAttempts: 1 });
  }

  /** Wakes the worker of this process also when deliveries change in any process. */
  listen(): void {
    this.changes.onChange('deliveries', () => this.wake());
  }

  wake(): void {
    this.count += 1;
    this.sleeper?.();
  }

  /** Resolves at the first wake-up after the first `seen` ones, at the latest after `pollMs`. */
  async wait(seen: number): Promise<void> {
    if (this.count !== seen) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.config.pollMs);
      this.sleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.sleeper = undefined;
  }
}
