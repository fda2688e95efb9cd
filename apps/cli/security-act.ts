import type { AuditLog } from '#audit';
import type { Environment } from '#config';
import { DomainError } from '#errors';

type SecurityAct = Parameters<AuditLog['record']>[number];

/**
 * Records an act of the command line in the audit trail of a database.
 * @param environment with the DATABASE_URL of that database
 * @returns false if the database refuses writes: its desk is read-only, and an act must not wait for that to end
 */
export async function recordAct(environment: Environment, embedded: boolean, act: SecurityAct): Promise<boolean> {
  const { openContext } = await import('./desk-context.js');
  const { AuditLog } = await import('#audit');
  const { Transactions } = await import('#database');
  const context = await openContext(environment, [], embedded);
  try {
    await context.get(Transactions).atomic(() => context.get(AuditLog).record(act));
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'DATABASE_READ_ONLY') return false;
    throw error;
  } finally {
    await context.close();
  }
}

/** Records an act that is done and cannot be undone: a record that fails is told, and the act stays a success. */
export async function recordDone(environment: Environment, act: SecurityAct): Promise<void> {
  const failed = await recordAct(environment, false, act).then(
    (recorded) => (recorded ? undefined : 'the database refuses writes'),
    (error: Error) => error.message,
  );
  if (failed !== undefined) process.stderr.write(`Not in the audit trail: ${act.action} (${failed}).\n`);
}
