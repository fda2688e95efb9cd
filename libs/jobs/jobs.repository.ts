import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { Database } from '#database';

@Injectable()
export class JobsRepository {
  constructor(
    private readonly database: Database,
    @InjectMetric('jobs_waiting') private readonly waiting: Gauge,
  ) {}

  /** Counts the jobs that are due and not running, without those that have used up their attempts. */
  @Background({ name: 'jobs-waiting', every: 5_000, role: 'worker', whenReadOnly: 'pause' })
  async countWaiting(): Promise<void> {
    const [row] = await this.database.rows<{ count: string }>(
      `SELECT count(*) FROM graphile_worker.jobs WHERE run_at <= now() AND locked_at IS NULL AND attempts < max_attempts`,
    );
    this.waiting.set(Number(row!.count));
  }
}
