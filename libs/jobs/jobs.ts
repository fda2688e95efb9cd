import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { correlationId } from '#telemetry';

export interface JobOptions {
  /** Not before; now if left out. */
  runAt?: Date;
  /** Of jobs with the same key that have not begun, only the newest is kept. Adding one locks that row until the commit. */
  jobKey?: string;
  /** Jobs of one queue run one after another. */
  queue?: string;
  /** 25 if left out. */
  maxAttempts?: number;
}

const ADD = `SELECT graphile_worker.add_job($1::text, payload => $2::json, queue_name => $3::text, run_at => $4::timestamptz,
  max_attempts => $5::integer, job_key => $6::text)`;

/** Adds jobs inside the open transaction, so a job exists if and only if its data was committed. */
@Injectable()
export class Jobs {
  constructor(private readonly database: Database) {}

  /** @param payload JSON; handed to the task's handler. The correlation id goes along. */
  async add(task: string, payload: object, { runAt, jobKey, queue, maxAttempts }: JobOptions = {}): Promise<void> {
    const envelope = JSON.stringify({ correlationId: correlationId(), payload });
    await this.database.prepared(ADD, [
      task,
      envelope,
      queue ?? null,
      runAt ?? null,
      maxAttempts ?? null,
      jobKey ?? null,
    ]);
  }
}
