import { Injectable, Logger } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import { ExponentialBackoff, fullJitterGenerator, handleWhen, retry } from 'cockatiel';
import { ClsService } from 'nestjs-cls';
import { serializationFailed, transactionMismatch } from '../database.errors.js';
import { HeldConnections } from '../pools/held-connections.js';
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

/** 40001 and 40P01 mean "run the whole transaction again": 3 more times, 5 to 200 ms apart, jittered. */
const RETRY = {
  maxAttempts: 3,
  backoff: new ExponentialBackoff({ initialDelay: 5, maxDelay: 200, generator: fullJitterGenerator }),
};

/** Opens transactions; what runs inside joins them through CLS, with no manager passed by hand. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger('Database');

  constructor(
    private readonly host: TransactionHost<TransactionAdapter>,
    private readonly cls: ClsService,
  ) {}

  /** READ COMMITTED unit of work on the app pool. Joins an open one; throws inside a read snapshot. */
  atomic<T>(work: () => Promise<T>): Promise<T> {
    return this.run(ATOMIC, work);
  }

  /** REPEATABLE READ, READ ONLY on the analytics pool: every read agrees. Joins an open one; throws inside anything weaker. */
  readSnapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.run(SNAPSHOT, work);
  }

  /**
   * A transaction of the caller's own choice, for the rare write that needs more than READ COMMITTED.
   * Whoever opens it owns isolation, retry and commit; an open one with other options is a mistake and throws.
   */
  async run<T>(options: TransactionOptions, work: () => Promise<T>): Promise<T> {
    const open = this.open();
    if (open) {
      if (!sameOptions(open.options, options)) throw transactionMismatch(describe(options), describe(open.options));
      return work();
    }
    HeldConnections.ofContext();
    return retry(handleWhen(isSerializationFailure), RETRY)
      .execute(() => this.once(options, work))
      .catch((error: unknown) => {
        throw isSerializationFailure(error) ? serializationFailed(error) : error;
      });
  }

  /** Runs `work` once the open transaction's commit is real (never on rollback); at once if none is open. Its error is logged, not thrown. */
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

function describe(options: TransactionOptions): string {
  if (sameOptions(options, ATOMIC)) return '@Atomic()';
  if (sameOptions(options, SNAPSHOT)) return '@ReadSnapshot()';
  return `${options.isolation}${options.readOnly ? ' READ ONLY' : ''} transaction (${options.pool} pool)`;
}
