import { runInTransaction } from './run-in-transaction.js';

export interface ReadSnapshotOptions {
  /** All tables that the method reads, if its answer may come from the replica: see `Transactions.staleSnapshot()`. */
  mayBeStale?: readonly string[];
}

/**
 * Runs the method in one REPEATABLE READ, READ ONLY transaction on the analytics pool, so all its reads see the same moment.
 * @throws DATABASE_TRANSACTION_MISMATCH inside @Atomic(): the isolation of an open transaction cannot be raised, and
 * @nestjs-cls/transactional would silently ignore the request.
 */
export function ReadSnapshot({ mayBeStale }: ReadSnapshotOptions = {}): MethodDecorator {
  return runInTransaction((transactions, work) =>
    mayBeStale === undefined ? transactions.readSnapshot(work) : transactions.staleSnapshot(mayBeStale, work),
  );
}
