import { Injectable, Logger } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import { ExponentialBackoff, fullJitterGenerator, handleWhen, retry } from 'cockatiel';
import { ClsService } from 'nestjs-cls';
import { serializationFailed, transactionMismatch } from '../database.errors.js';
import { HeldConnections } from '../pools/held-connections.js';
import { ReplicaReads } from '../pools/replica-reads.js';
import { isSerializationFailure } from '../postgres-error.js';
import type { TransactionAdapter, TransactionOptions } from './transaction-adapter.js';

const OPEN = Symbol('deskwire:open-transaction');

interface OpenTransaction {
  options: TransactionOptions;
  afterCommit: (() => unknown)[];
  committed: boolean;
}

const ATOMIC: TransactionOptions = { pool: 'app', isolation: 'READ COMMITTED', readOnly: false };
const SNAPSHOT: TransactionOptions = { pool: 'analytics', isolation: 'REPEATABLE READ', readOnly: true };
const CUT: TransactionOptions = { ...SNAPSHOT, pool: 'cut' };
const REPLICA: TransactionOptions = { ...SNAPSHOT, pool: 'replica' };

/** Retries of a transaction after 40001 or 40P01: 3 times, 5 to 200 ms apart, with jitter. */
const RETRY = {
  maxAttempts: 3,
  backoff: new ExponentialBackoff({ initialDelay: 5, maxDelay: 200, generator: fullJitterGenerator }),
};

/** Opens transactions. Code inside joins them through CLS, so no manager is passed along. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger('Database');

  constructor(
    private readonly host: TransactionHost<TransactionAdapter>,
    private readonly cls: ClsService,
    private readonly replica: ReplicaReads,
  ) {}

  /** Runs a READ COMMITTED transaction on the app pool. Joins an open one. Throws inside a read snapshot. */
  atomic<T>(work: () => Promise<T>): Promise<T> {
    return this.run(ATOMIC, work);
  }

  /** Runs a REPEATABLE READ, READ ONLY transaction on the analytics pool. Joins an open one. Throws inside a weaker transaction. */
  readSnapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.run(SNAPSHOT, work);
  }

  /**
   * As `readSnapshot()`, but it may see the desk as it was DATABASE_REPLICA_MAX_STALENESS ago, on the replica. `work` must
   * read these tables only, write nothing anywhere, fill no cache, and return no stamp of the change feed. It runs again on the
   * primary after any error: the replica may lack a row, be cancelled by its recovery, or go away.
   */
  async staleSnapshot<T>(tables: readonly string[], work: () => Promise<T>): Promise<T> {
    if (this.isOpen) return this.readSnapshot(work);
    if (!this.replica.mayServe(tables)) return this.lockedSnapshot(tables, work);
    try {
      const result = await this.run(REPLICA, work);
      this.replica.served();
      return result;
    } catch (error) {
      this.replica.failed(error);
      return this.lockedSnapshot(tables, work);
    }
  }

  /**
   * Locks the tables before the snapshot is taken, against nothing but a change of their partitions. Rows that move to a new
   * partition are invisible to an older snapshot: there they are too new, and PostgreSQL does not look where they were.
   */
  private lockedSnapshot<T>(tables: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.readSnapshot(async () => {
      await this.host.tx.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS SHARE MODE`);
      return work();
    });
  }

  /** Refuses work whose result is only valid on the primary. @throws DATABASE_TRANSACTION_MISMATCH inside a read of the replica */
  requirePrimary(asked: string): void {
    const open = this.open();
    if (open?.options.pool === 'replica') throw transactionMismatch(asked, describe(open.options));
  }

  /** As `readSnapshot()`, on connections of the dashboard's cut alone. Read snapshots inside join it. */
  cutSnapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.run(CUT, work);
  }

  /**
   * Runs a transaction with the caller's options, for the rare write that needs more than READ COMMITTED. The caller that opens
   * it owns isolation, retry and commit. Throws if a transaction with other options is open.
   */
  async run<T>(options: TransactionOptions, work: () => Promise<T>): Promise<T> {
    const open = this.open();
    if (open) {
      if (!joins(options, open.options)) throw transactionMismatch(describe(options), describe(open.options));
      return work();
    }
    HeldConnections.ofContext();
    return retry(handleWhen(isSerializationFailure), RETRY)
      .execute(() => this.once(options, work))
      .catch((error: unknown) => {
        throw isSerializationFailure(error) ? serializationFailed(error) : error;
      });
  }

  /** Runs `work` after the commit of the open transaction (never after a rollback), or at once if none is open. Its error is logged, not thrown. */
  afterCommit(work: () => unknown): void {
    const open = this.open();
    if (open && !open.committed) open.afterCommit.push(work);
    else void this.settle(work);
  }

  /** True inside @Atomic() or @ReadSnapshot(). */
  get isOpen(): boolean {
    return this.open() !== undefined;
  }

  private async once<T>(options: TransactionOptions, work: () => Promise<T>): Promise<T> {
    const open: OpenTransaction = { options, afterCommit: [], committed: false };
    const result = await this.cls.run({ ifNested: 'inherit' }, () => {
      this.cls.set(OPEN as never, open as never);
      return this.host.withTransaction(options, work);
    });
    open.committed = true;
    for (const callback of open.afterCommit) await this.settle(callback);
    return result as T;
  }

  private async settle(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ msg: 'afterCommit work failed', err: error });
    }
  }

  private open(): OpenTransaction | undefined {
    return this.cls.isActive() ? this.cls.get<OpenTransaction | undefined>(OPEN as never) : undefined;
  }
}

function sameOptions(a: TransactionOptions, b: TransactionOptions): boolean {
  return a.pool === b.pool && a.isolation === b.isolation && a.readOnly === b.readOnly;
}

/** Both kinds of read snapshot promise the same, so each joins the other's transaction. */
function joins(asked: TransactionOptions, open: TransactionOptions): boolean {
  return sameOptions(asked, open) || [asked, open].every((one) => sameOptions(one, SNAPSHOT) || sameOptions(one, CUT));
}

function describe(options: TransactionOptions): string {
  if (sameOptions(options, ATOMIC)) return '@Atomic()';
  if (sameOptions(options, SNAPSHOT)) return '@ReadSnapshot()';
  if (sameOptions(options, REPLICA)) return 'read of the replica';
  return `${options.isolation}${options.readOnly ? ' READ ONLY' : ''} transaction (${options.pool} pool)`;
}
