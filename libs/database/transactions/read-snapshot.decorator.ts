import { runInTransaction } from './run-in-transaction.js';

/**
 * Every read of the method sees the same instant: REPEATABLE READ, READ ONLY, on the analytics pool.
 * @throws DATABASE_TRANSACTION_MISMATCH inside @Atomic(): an open transaction cannot be made stronger,
 * and the library underneath would silently ignore the wish.
 */
export function ReadSnapshot(): MethodDecorator {
  return runInTransaction((transactions, work) => transactions.readSnapshot(work));
}
