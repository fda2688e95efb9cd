import { runInTransaction } from './run-in-transaction.js';

/**
 * The method is one READ COMMITTED unit of work: all of it is committed or none.
 * READ COMMITTED, because an upsert inside REPEATABLE READ fails (40001) against a row committed after the snapshot.
 * Retried on 40001/40P01 by the outermost owner only. @throws DATABASE_TRANSACTION_MISMATCH inside @ReadSnapshot()
 */
export function Atomic(): MethodDecorator {
  return runInTransaction((transactions, work) => transactions.atomic(work));
}
