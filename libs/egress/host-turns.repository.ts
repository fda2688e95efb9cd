import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { withCorrelation } from '#telemetry';

/**
 * The turns of all processes: one row per host that operators name. The table is unlogged, so a turn writes no WAL, and
 * hosts start without a turn after a crash of PostgreSQL. Runs in a context of its own, because the caller's
 * transaction must not lock the row.
 */
@Injectable()
export class HostTurnsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes the next turn of a host, `spacingMs` after the previous one.
   * @returns time until the turn in ms; undefined when the database is read-only
   */
  async take(host: string, spacingMs: number): Promise<number | undefined> {
    if (this.database.readOnly) return undefined;
    const [row] = await withCorrelation(undefined, () =>
      this.database.rows<{ wait: number }>(
        `INSERT INTO egress_host_turns AS t (host, next_at) VALUES ($1, clock_timestamp() + $2::double precision * interval '1 ms')
         ON CONFLICT (host) DO UPDATE SET next_at = greatest(t.next_at, clock_timestamp()) + $2::double precision * interval '1 ms'
         RETURNING extract(epoch FROM next_at - $2::double precision * interval '1 ms' - clock_timestamp())::double precision * 1000 AS wait`,
        [host, spacingMs],
      ),
    );
    return row?.wait;
  }
}
