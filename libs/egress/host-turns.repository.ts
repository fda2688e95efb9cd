import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { withCorrelation } from '#telemetry';
import { HostTurns } from './host-turns.js';

/**
 * Turns of all processes: a row a host, of which there are as many as operators name. Unlogged, so a turn writes no WAL, and after
 * a crash of PostgreSQL hosts begin anew. In a context of its own: the caller's transaction must not hold a host's row.
 */
@Injectable()
export class HostTurnsRepository extends HostTurns {
  constructor(private readonly database: Database) {
    super();
  }

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
