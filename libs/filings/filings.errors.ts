import { DomainError } from '#errors';

export const accessionInvalid = (seen: string): DomainError =>
  new DomainError('FILINGS_ACCESSION_INVALID', 'An accession number is not one: ten digits, two, six, with dashes.', {
    kind: 'invalid',
    errors: [{ field: 'accession', seen: seen.slice(0, 60), allowed: 'a number such as 0001493152-25-027399' }],
  });

export const filingNotFound = (accession: string): DomainError =>
  new DomainError('FILINGS_NOT_FOUND', `There is no filing ${accession} here.`, { kind: 'not_found' });

export const documentRefused = (accession: string, status: number): DomainError =>
  new DomainError('FILINGS_DOCUMENT_REFUSED', `The archive answered ${status} for filing ${accession}.`, {
    kind: status === 429 ? 'rate_limited' : status >= 500 ? 'unavailable' : 'not_found',
  });

export const documentUnreadable = (accession: string): DomainError =>
  new DomainError(
    'FILINGS_DOCUMENT_UNREADABLE',
    `What the archive gave for filing ${accession} is not that filing, or has no text.`,
    { kind: 'unavailable' },
  );
