import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { BackgroundTasks } from './background-tasks.js';
import { REMOVED } from './background.metrics.js';
import { RetentionRepository } from './retention.repository.js';

/** Which rows of a table are removed, and when. */
export type KeptRows = {
  /** A constant of the code, never input. The task is called `retention-<table>`. */
  table: string;
  /** Time between two runs, in ms; one hour by default. */
  every?: number;
  /** Maximum number of rows per statement; 5,000 by default. */
  batch?: number;
} & (
  | {
      /** The column with the time of a row: a `timestamptz`, or a time-ordered UUID if `type` says so. */
      column: string;
      type?: 'timestamptz' | 'uuid';
      /** Age at which rows are removed, in ms. 0 if the column holds the time at which they end. */
      ms: number;
    }
  | {
      /** Removes up to `limit` rows by a statement of the lib. @returns the number of rows removed */
      remove: (limit: number) => Promise<number>;
    }
);

const EVERY_MS = 3_600_000;
const RETRY_MS = 60_000;
/** Removing this many idempotency keys takes 0.16 s, far less than the lock and statement timeouts. */
const BATCH = 5_000;

/** Removes old rows in short statements. Runs in worker processes, and pauses while the desk is read-only. */
@Injectable()
export class Retention {
  constructor(
    private readonly tasks: BackgroundTasks,
    private readonly repository: RetentionRepository,
    @InjectMetric(REMOVED) private readonly removed: Counter<'table'>,
  ) {}

  /** Declares the retention of a table. Call it once, in the constructor of the lib's module. @throws Error if the table has one */
  keep(rows: KeptRows): void {
    const { table, every = EVERY_MS, batch = BATCH } = rows;
    this.tasks.add({
      name: `retention-${table}`,
      role: 'worker',
      whenReadOnly: 'pause',
      everyMs: () => every,
      retryMs: () => Math.min(every, RETRY_MS),
      atStart: false,
      when: () => true,
      run: (signal) => this.removeAll(rows, batch, signal),
    });
  }

  /** Runs until a statement removes less than a batch, or the process stops. */
  private async removeAll(rows: KeptRows, batch: number, signal: AbortSignal): Promise<void> {
    for (let removed = batch; removed >= batch && !signal.aborted;) {
      removed = await ('remove' in rows
        ? rows.remove(batch)
        : this.repository.removeOldest(rows.table, rows.column, rows.type ?? 'timestamptz', rows.ms, batch));
      this.removed.inc({ table: rows.table }, removed);
    }
  }
}
