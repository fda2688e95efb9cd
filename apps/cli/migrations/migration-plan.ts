import { createHash } from 'node:crypto';
import type { MigrationSource } from './lint-migrations.js';

/**
 * A plan as a file for review. The same pending migrations give the same bytes, so `migrate up --plan` can refuse to run
 * anything else.
 */
export function planText(pending: readonly MigrationSource[]): string {
  const body = pending
    .map((one) => {
      const accepted = Object.entries(one.accepted).map(([rule, reason]) => `-- accepted ${rule}: ${reason}`);
      const how = one.transaction ? 'in one transaction' : 'without a transaction, each statement for itself';
      return [`-- ${one.name} (${how})`, ...accepted, ...one.sql.map((statement) => `${statement};`)].join('\n');
    })
    .join('\n\n');
  const names = pending.map(({ name }) => `--   ${name}`);
  return [
    '-- Plan of Deskwire migrations. Apply it with: deskwire migrate up --plan FILE',
    `-- sha256 ${createHash('sha256').update(body).digest('hex')}`,
    `-- pending: ${pending.length}`,
    ...names,
    '',
    body,
    '',
  ].join('\n');
}
