import { DomainError, type FieldIssue } from '#errors';
import { invalidRequest } from '#http';

export const portfolioNotFound = (id: string): DomainError =>
  new DomainError('PORTFOLIOS_NOT_FOUND', `There is no portfolio ${id} that you may see.`, { kind: 'not_found' });

export const portfolioNotYours = (id: string): DomainError =>
  new DomainError(
    'PORTFOLIOS_NOT_YOURS',
    `Portfolio ${id} is not yours to write. Choose another id; nothing was stored.`,
    { kind: 'forbidden' },
  );

export const ownerMismatch = (id: string): DomainError =>
  new DomainError(
    'PORTFOLIOS_OWNER_MISMATCH',
    `Portfolio ${id} belongs to another user. Name them in userId, or the new owner to move it; nothing was stored.`,
    {
      kind: 'conflict',
    },
  );

export const accountMismatch = (id: string, known: { broker: string; account: string }): DomainError =>
  new DomainError(
    'PORTFOLIOS_ACCOUNT_MISMATCH',
    `Portfolio ${id} is account ${known.account} at ${known.broker}, and stays there. Use another id for another account; nothing was stored.`,
    { kind: 'conflict' },
  );

export const portfolioRemoved = (id: string): DomainError =>
  new DomainError(
    'PORTFOLIOS_REMOVED_MEANWHILE',
    `Portfolio ${id} was removed while it was being written. Send the call again; nothing was stored.`,
    {
      kind: 'conflict',
    },
  );

export const ownerRefused = (errors: readonly FieldIssue[]): DomainError =>
  new DomainError('PORTFOLIOS_OWNER_REFUSED', 'Only operators may write for another user; nothing was stored.', {
    kind: 'forbidden',
    errors,
  });

export const ownerUnknown = (errors: readonly FieldIssue[], cause: unknown): DomainError =>
  invalidRequest(errors, 'A userId belongs to no user; nothing was stored.', cause);

export const aheadOfTime = (errors: readonly FieldIssue[]): DomainError =>
  invalidRequest(errors, 'An asOf lies in the future; nothing was stored. Check the clock of the sender.');

export const idMismatch = (field: string, seen: string, id: string): DomainError =>
  invalidRequest(
    [{ field, seen, allowed: `${id}, or nothing` }],
    'The portfolioId of the body differs from the one of the path.',
  );

export const historyRange = (field: string, seen: string, allowed: string): DomainError =>
  invalidRequest(
    [{ field, seen, allowed }],
    `This range of the history cannot be answered: ${field} must be ${allowed}.`,
  );
