import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { KeptConnection } from './kept-connection.js';
import { logPosition, ReplicaLag } from './replica-lag.js';
import type { TrackedPool } from './tracked-pool.js';
import { type PrimaryFacts, type ReplicaFacts, type ReplicaKind, replicaReadingOf } from './replica-facts.js';

/**
 * Why a read goes to the primary: the replica's data may be older than the bound (`stale`), it does not answer (`gone`), it
 * follows another server or none (`foreign`), or it lacks a table that the read needs (`unpublished`).
 */
export type ReplicaRefusal = 'stale' | 'gone' | 'foreign' | 'unpublished';

/**
 * The flushed end of the log and not the inserted one: a commit is acknowledged after its flush, and a standby never gets
 * more than that.
 */
const PRIMARY = `
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system, at.lsn::text AS lsn,
       ('x' || left(pg_walfile_name(at.lsn), 8))::bit(32)::integer AS timeline,
       (SELECT coalesce(json_object_agg(slot_name, confirmed_flush_lsn::text), '{}') FROM pg_replication_slots
         WHERE slot_type = 'logical' AND active AND database = current_database()) AS slots
  FROM (SELECT pg_current_wal_flush_lsn() AS lsn) at`;

/**
 * A partitioned table is kept up to date by itself, or by all its partitions. `latest_end_lsn` is what a subscriber has
 * acknowledged, so everything before it is applied.
 */
const REPLICA = `
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system, pg_is_in_recovery() AS recovering,
       pg_last_wal_replay_lsn()::text AS replayed, (SELECT received_tli FROM pg_stat_wal_receiver) AS timeline,
       (SELECT coalesce(json_agg(json_build_object('slot', s.subslotname, 'applied', w.latest_end_lsn::text)), '[]')
          FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
          LEFT JOIN pg_stat_subscription w ON w.subid = s.oid AND w.worker_type = 'apply'
         WHERE s.subenabled) AS subscriptions,
       (SELECT coalesce(json_agg(c.relname), '[]') FROM pg_class c
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
           AND (EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srrelid = c.oid AND r.srsubstate = 'r')
             OR c.relkind = 'p' AND EXISTS (SELECT FROM pg_partition_tree(c.oid) WHERE isleaf AND level > 0)
                AND NOT EXISTS (
                  SELECT FROM pg_partition_tree(c.oid) t WHERE t.isleaf
                     AND NOT EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srrelid = t.relid AND r.srsubstate = 'r')))) AS tables`;

/** The two servers, and the pool of the replica. */
export interface ReplicaServers {
  primary: () => pg.ClientConfig;
  replica: () => pg.ClientConfig;
  /** Connects the pool, unless it is connected. */
  open: () => Promise<void>;
  /** Undefined before it was connected. */
  pool: () => TrackedPool | undefined;
}

/**
 * The replica of DATABASE_REPLICA_URL: whether a read may go there, by how old its data may be. `measure()` is called all the
 * time; between two measurements the data counts as ageing, so a lost measurement never makes it look newer.
 */
export class Replica {
  private readonly logger = new Logger('Database');
  private readonly lag = new ReplicaLag();
  private readonly primary: KeptConnection;
  private readonly replica: KeptConnection;
  private facts: { kind: ReplicaKind; tables: ReadonlySet<string> } | undefined;
  private refusal: 'gone' | 'foreign' | undefined = 'gone';
  private system: string | undefined;
  private told = false;

  constructor(
    private readonly servers: ReplicaServers,
    readonly maxStalenessMs: number,
  ) {
    this.primary = new KeptConnection(servers.primary);
    this.replica = new KeptConnection(servers.replica);
  }

  get kind(): ReplicaKind | undefined {
    return this.facts?.kind;
  }

  /** Upper bound of the age of its data, in ms. Infinity while it is unknown. */
  get stalenessMs(): number {
    return this.lag.stalenessMs(performance.now());
  }

  /** Why a read of these tables goes to the primary. Undefined: it may go to the replica. */
  refusalOf(tables: readonly string[]): ReplicaRefusal | undefined {
    if (this.refusal !== undefined || this.facts === undefined) return this.refusal ?? 'gone';
    if (this.stalenessMs > this.maxStalenessMs) return 'stale';
    // A standby has every table.
    const { kind, tables: kept } = this.facts;
    return kind === 'logical' && tables.some((table) => !kept.has(table)) ? 'unpublished' : undefined;
  }

  /** A read failed there: nothing more is sent to it until it has answered a measurement. */
  suspect(): void {
    this.refuse('gone', 'a read failed there');
  }

  /** Asks both servers once, and never throws. */
  async measure(): Promise<void> {
    const at = performance.now();
    const [primary, replica] = await Promise.all([
      this.primary.row<PrimaryFacts>(PRIMARY).catch(() => undefined),
      this.replica.row<ReplicaFacts>(REPLICA).catch((error: unknown) => error as Error),
    ]);
    if (replica instanceof Error) return this.refuse('gone', replica.message);
    if (primary === undefined) return; // its age grows, so reads return to the primary, which answers for itself
    const reading = replicaReadingOf(primary, replica);
    if (reading.kind === 'foreign') return this.refuse('foreign', reading.reason);
    const system = `${primary.system}/${primary.timeline} ${replica.system}`;
    if (this.system !== system) this.lag.forget();
    this.system = system;
    this.lag.asked(logPosition(primary.lsn), at);
    if (reading.position !== null) this.lag.applied(reading.position);
    const unopened = await this.servers.open().then(
      () => undefined,
      (error: Error) => error,
    );
    if (unopened !== undefined) return this.refuse('gone', unopened.message);
    if (this.refusal !== undefined)
      this.logger.log({ msg: 'reads may go to the replica within the bound', kind: reading.kind });
    this.facts = { kind: reading.kind, tables: new Set(replica.tables) };
    this.refusal = undefined;
  }

  close(): void {
    this.primary.close();
    this.replica.close();
  }

  /** Reads that wait there fail at once, and are repeated on the primary. Idle connections may be lost too. */
  private refuse(refusal: 'gone' | 'foreign', reason: string): void {
    if (this.refusal !== refusal || !this.told)
      this.logger.warn({ msg: 'the replica gets no reads; they go to the primary', refusal, reason });
    this.refusal = refusal;
    this.told = true;
    this.lag.forget();
    const pool = this.servers.pool();
    for (const connection of pool?.waitingConnections() ?? []) connection.destroy();
    pool?.renew();
  }
}
