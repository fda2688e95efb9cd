import { runInTransaction } from './run-in-transaction.js';

/**
 * Runs the method in one REPEATABLE READ, READ ONLY transaction on the analytics pool, so all its reads see the same moment.
 * @throws DATABASE_TRANSACTION_MISMATCH inside @Atomic(): the isolation of an open transaction cannot be raised, and
 * @nestjs-cls/transactional would silently ignore the request.
 */
export function ReadSnapshot(): MethodDecorator {
  return runInTransaction((transactions, work) => transactions.readSnapshot(work));
}
