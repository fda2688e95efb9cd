import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { DomainError } from '#errors';
import { declareMetrics } from '#metrics';
import { callerWantsNewest } from '#telemetry';
import { isConnectionLost } from '../postgres-error.js';
import { DataSources } from './data-sources.js';

const OUTCOMES = ['replica', 'asked', 'stale', 'gone', 'foreign', 'unpublished', 'refused', 'failed'];
const KINDS = ['physical', 'logical'];

/** No series without DATABASE_REPLICA_URL. */
export const replicaMetrics = declareMetrics('database', {
  database_replica_reads_total: {
    type: 'counter',
    help: 'Reads that may go to the replica, by outcome: replica, or the reason why the primary answered',
    labels: { outcome: OUTCOMES },
  },
  database_replica_staleness_seconds: {
    type: 'gauge',
    help: 'Upper bound of the age of the data of the replica, measured',
    labels: { kind: KINDS },
  },
  database_replica_usable: { type: 'gauge', help: '1 while reads may go to the replica', labels: { kind: KINDS } },
});

/** Decides for each read that may be stale whether it goes to the replica, and counts the outcome. */
@Injectable()
export class ReplicaReads {
  private readonly logger = new Logger('Database');

  constructor(
    private readonly sources: DataSources,
    @InjectMetric('database_replica_reads_total') private readonly reads: Counter<'outcome'>,
    @InjectMetric('database_replica_staleness_seconds') staleness: Gauge<'kind'>,
    @InjectMetric('database_replica_usable') usable: Gauge<'kind'>,
  ) {
    const { replicaWatch: replica } = sources;
    if (replica === undefined) return;
    for (const outcome of OUTCOMES) reads.inc({ outcome }, 0);
    const collect = (gauge: Gauge<'kind'>, value: () => number) =>
      Object.assign(gauge, {
        collect: () => {
          gauge.reset();
          if (replica.kind !== undefined) gauge.set({ kind: replica.kind }, value());
        },
      });
    collect(staleness, () => replica.stalenessMs / 1_000);
    collect(usable, () => Number(replica.refusalOf([]) === undefined));
  }

  /** Whether a read of these tables may go to the replica now. False with `Cache-Control: no-cache` of the request. */
  mayServe(tables: readonly string[]): boolean {
    const { replicaWatch: replica } = this.sources;
    if (replica === undefined) return false;
    const outcome = callerWantsNewest() ? 'asked' : replica.refusalOf(tables);
    if (outcome === undefined) return true;
    this.reads.inc({ outcome });
    return false;
  }

  served(): void {
    this.reads.inc({ outcome: 'replica' });
  }

  /** The read is repeated on the primary. An error of the desk itself may be wrong there: the replica lacks the newest rows. */
  failed(error: unknown): void {
    this.reads.inc({
      outcome: error instanceof DomainError && error.details.kind !== 'unavailable' ? 'refused' : 'failed',
    });
    if (isConnectionLost(error)) this.sources.replicaWatch?.suspect();
    else this.logger.debug({ msg: 'a read failed on the replica and is repeated on the primary', err: error });
  }
}
