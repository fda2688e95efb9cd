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

/** Adds nothing and returns null if a worker begins the job of the same key meanwhile: graphile/worker issue 580. */
const ADD = `SELECT id FROM graphile_worker.add_job($1::text, payload => $2::json, queue_name => $3::text, run_at => $4::timestamptz,
  max_attempts => $5::integer, job_key => $6::text)`;

/** The second attempt finds the begun job and adds one beside it. A third is needed only if that one has begun, too. */
const ATTEMPTS = 10;

/** Adds jobs inside the open transaction, so a job exists if and only if its data was committed. */
@Injectable()
export class Jobs {
  constructor(private readonly database: Database) {}

  /** @param payload JSON; handed to the task's handler. The correlation id goes along. */
  async add(task: string, payload: object, { runAt, jobKey, queue, maxAttempts }: JobOptions = {}): Promise<void> {
    const envelope = JSON.stringify({ correlationId: correlationId(), payload });
    const values = [task, envelope, queue ?? null, runAt ?? null, maxAttempts ?? null, jobKey ?? null];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [job] = await this.database.prepared<{ id: string | null }>(ADD, values);
      if (job!.id !== null) return;
    }
    throw new Error(`Job ${task} could not be added: workers began ${ATTEMPTS} jobs with the key ${jobKey} meanwhile.`);
  }
}
