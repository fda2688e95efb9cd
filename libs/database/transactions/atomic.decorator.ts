import { runInTransaction } from './run-in-transaction.js';

/**
 * Runs the method in one READ COMMITTED transaction. An upsert under REPEATABLE READ fails (40001) against a row committed
 * after the snapshot. The outermost method repeats the transaction on 40001 and 40P01.
 * @throws DATABASE_TRANSACTION_MISMATCH inside @ReadSnapshot()
 */
export function Atomic(): MethodDecorator {
  return runInTransaction((transactions, work) => transactions.atomic(work));
}
