import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { BackgroundTasks } from './background-tasks.js';
import { REMOVED } from './background.metrics.js';
import { RetentionRepository } from './retention.repository.js';

/** Which rows of a table are removed, and when. */
export type KeptRows = {
  /** A constant of the code, never input. It names the task: `retention-<table>`. */
  table: string;
  /** Time between two runs, in ms; one hour by default. */
  every?: number;
  /** Rows a statement removes at most; 5,000 by default. */
  batch?: number;
} & (
  | {
      /** The column that says how old a row is: `timestamptz` unless `type` says it is a time-ordered UUID. */
      column: string;
      type?: 'timestamptz' | 'uuid';
      /** Rows are removed at this age, in ms; 0 where the column is the time at which they end. */
      ms: number;
    }
  | {
      /** Removes up to `limit` rows, for what one DELETE cannot say. @returns how many */
      remove: (limit: number) => Promise<number>;
    }
);

const EVERY_MS = 3_600_000;
const RETRY_MS = 60_000;
/** 0.16 s for rows of idempotency keys: short enough for locks and statement timeouts. */
const BATCH = 5_000;

/** Removes what is old, in short statements, in worker processes of a desk that may write. */
@Injectable()
export class Retention {
  constructor(
    private readonly tasks: BackgroundTasks,
    private readonly repository: RetentionRepository,
    @InjectMetric(REMOVED) private readonly removed: Counter<'table'>,
  ) {}

  /** Declares the retention of a table; call it once, in the constructor of the lib's module. @throws Error if the table has one */
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

  /** Until a statement finds less than a batch, or the process stops. */
  private async removeAll(rows: KeptRows, batch: number, signal: AbortSignal): Promise<void> {
    for (let removed = batch; removed >= batch && !signal.aborted;) {
      removed = await ('remove' in rows
        ? rows.remove(batch)
        : this.repository.removeOldest(rows.table, rows.column, rows.type ?? 'timestamptz', rows.ms, batch));
      this.removed.inc({ table: rows.table }, removed);
    }
  }
}
