import { Injectable } from '@nestjs/common';
import { Database } from '#database';

@Injectable()
export class JobsRepository {
  constructor(private readonly database: Database) {}

  /** Jobs that are due and not running; those that have used up their attempts are not counted. */
  async waiting(): Promise<number> {
    const [row] = await this.database.rows<{ count: string }>(
      `SELECT count(*) FROM graphile_worker.jobs WHERE run_at <= now() AND locked_at IS NULL AND attempts < max_attempts`,
    );
    return Number(row!.count);
  }
}
