import { defineErrors, type DomainError, type FieldIssue } from '#errors';
import { invalidRequest } from '#http';
import type { ExportRefusal } from './exports/export-reading.js';

const portfoliosError = defineErrors({
  PORTFOLIOS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The portfolio does not exist, or you may not see it.',
    fix: 'List the portfolios with `GET /v1/portfolios`.',
  },
  PORTFOLIOS_NOT_YOURS: {
    kind: 'forbidden',
    meaning: 'The portfolio belongs to another user. The snapshot was not stored.',
    fix: 'Choose another id.',
  },
  PORTFOLIOS_OWNER_MISMATCH: {
    kind: 'conflict',
    meaning: 'The portfolio belongs to another user than the request names. The snapshot was not stored.',
    fix: 'Name its owner in `userId`, or the new owner to move it.',
  },
  PORTFOLIOS_ACCOUNT_MISMATCH: {
    kind: 'conflict',
    meaning: 'A portfolio keeps its broker and account. The snapshot was not stored.',
    fix: 'Use another id for another account.',
  },
  PORTFOLIOS_TOO_MANY: {
    kind: 'conflict',
    meaning: 'The owner would have more portfolios than allowed. The snapshot was not stored.',
    fix: 'Delete portfolios with `DELETE /v1/portfolios/{id}`, or ask an operator to raise the limit.',
  },
  PORTFOLIOS_TOO_MANY_POSITIONS: {
    kind: 'conflict',
    meaning: 'A snapshot has more positions than allowed. The snapshot was not stored.',
    fix: 'Split the account into several portfolios.',
  },
  PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER: {
    kind: 'conflict',
    meaning: 'The owner would have more positions in all portfolios than allowed. The snapshot was not stored.',
    fix: 'Delete portfolios with `DELETE /v1/portfolios/{id}`, or ask an operator to raise the limit.',
  },
  PORTFOLIOS_TOO_MANY_QUOTES: {
    kind: 'conflict',
    meaning: 'The desk would have quotes of more contracts than allowed. Nothing was stored.',
    fix: 'Send quotes of contracts that portfolios hold, or raise `PORTFOLIOS_MAX_QUOTES`.',
  },
  PORTFOLIOS_TOO_MANY_RATES: {
    kind: 'conflict',
    meaning: 'The desk would have rates of more pairs of currencies than allowed. Nothing was stored.',
    fix: 'Send rates against one or two currencies, or raise `PORTFOLIOS_MAX_RATES`.',
  },
  PORTFOLIOS_TOO_MANY_ADJUSTMENTS: {
    kind: 'conflict',
    meaning: 'The desk would have more splits of contracts than allowed. Nothing was stored.',
    fix: 'Raise `PORTFOLIOS_MAX_ADJUSTMENTS`.',
  },
  PORTFOLIOS_QUOTES_BUSY: {
    kind: 'unavailable',
    meaning: 'Too many quotes wait to be written. Nothing was stored.',
    fix: 'Send the request again after `Retry-After`, and fewer quotes at once.',
  },
  PORTFOLIOS_CLOSED: {
    kind: 'conflict',
    meaning: 'The portfolio is closed. The snapshot was not stored.',
    fix: 'Reopen the portfolio with `PUT /v1/portfolios/{id}/closed` and `{"closed": false}`, or stop its sender.',
  },
  PORTFOLIOS_REMOVED_MEANWHILE: {
    kind: 'conflict',
    meaning: 'The portfolio was removed while it was written. The snapshot was not stored.',
    fix: 'Send the request again.',
  },
  PORTFOLIOS_PUBLISH_REFUSED: {
    kind: 'forbidden',
    meaning: 'Only operators publish quotes. Nothing was stored.',
    fix: 'Connect with the token of an operator.',
  },
  PORTFOLIOS_EXPORT_UNREADABLE: {
    kind: 'unprocessable',
    meaning: 'The documents are not those of the format. Nothing was stored.',
    fix: 'Send the documents that the detail names, or another `format`.',
  },
  PORTFOLIOS_EXPORT_EMPTY: {
    kind: 'unprocessable',
    meaning: 'The documents have no position. Nothing was stored.',
    fix: 'Check the documents, or send `allowEmpty=true` if the account has none.',
  },
  PORTFOLIOS_OWNER_REFUSED: {
    kind: 'forbidden',
    meaning: 'Only operators write for other users. The snapshot was not stored.',
    fix: 'Leave out `userId`.',
  },
});

export const portfolioNotFound = (id: string) =>
  portfoliosError('PORTFOLIOS_NOT_FOUND', `There is no portfolio ${id} that you may see.`);

export const portfolioNotYours = (id: string) =>
  portfoliosError(
    'PORTFOLIOS_NOT_YOURS',
    `Portfolio ${id} belongs to another user. Choose another id; the snapshot was not stored.`,
  );

export const ownerMismatch = (id: string) =>
  portfoliosError(
    'PORTFOLIOS_OWNER_MISMATCH',
    `Portfolio ${id} belongs to another user. Name its owner in userId, or the new owner to move it; the snapshot was not stored.`,
  );

export const accountMismatch = (id: string, known: { broker: string; account: string }) =>
  portfoliosError(
    'PORTFOLIOS_ACCOUNT_MISMATCH',
    `Portfolio ${id} is account ${known.account} at ${known.broker}, which cannot change. Use another id for another account; the snapshot was not stored.`,
  );

export const portfolioIsClosed = (id: string) =>
  portfoliosError(
    'PORTFOLIOS_CLOSED',
    `Portfolio ${id} is closed. Reopen it with PUT /v1/portfolios/${id}/closed, or stop its sender; the snapshot was not stored.`,
  );

export const portfolioRemoved = (id: string) =>
  portfoliosError(
    'PORTFOLIOS_REMOVED_MEANWHILE',
    `Portfolio ${id} was removed while it was written. Send the request again; the snapshot was not stored.`,
  );

export const tooManyPortfolios = (userId: string, portfolioId: string, count: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY',
    `User ${userId} would have ${count} portfolios, at most ${max} are allowed. Delete portfolios first; the snapshot was not stored.`,
    { errors: [{ field: 'portfolioId', seen: portfolioId, allowed: `at most ${max} portfolios of one owner` }] },
  );

export const tooManyPositions = (count: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY_POSITIONS',
    `A portfolio has at most ${max} positions. Split the account into several portfolios; the snapshot was not stored.`,
    { errors: [{ field: 'positions', seen: `${count} positions`, allowed: `at most ${max} positions` }] },
  );

/** @param used positions of the owner in all portfolios now @param adds what the snapshot adds to them */
export const tooManyPositionsOfUser = (userId: string, used: number, adds: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER',
    `User ${userId} has ${used} positions in all portfolios, the snapshot would add ${adds}, and at most ${max} are allowed. Delete portfolios first; the snapshot was not stored.`,
    {
      errors: [
        {
          field: 'positions',
          seen: `${adds} more positions than the portfolio has`,
          allowed: `at most ${Math.max(0, max - used)} more, ${max} in all portfolios of one owner`,
        },
      ],
    },
  );

export const tooManyQuotes = (count: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY_QUOTES',
    `There would be quotes of ${count} contracts, at most ${max} are allowed. Nothing was stored.`,
  );

export const tooManyRates = (count: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY_RATES',
    `There would be rates of ${count} pairs, at most ${max} are allowed. Nothing was stored.`,
  );

export const tooManyAdjustments = (count: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_TOO_MANY_ADJUSTMENTS',
    `There would be ${count} splits, at most ${max} are allowed. Nothing was stored.`,
  );

export const exportUnreadable = ({ message, field, seen, allowed }: ExportRefusal) =>
  portfoliosError('PORTFOLIOS_EXPORT_UNREADABLE', `${message} Nothing was stored.`, {
    errors: [{ field, ...(seen === undefined ? {} : { seen }), allowed }],
  });

/** @param cause error of #threads, whose message names the limit. Undefined if the failure does not concern the documents. */
export function exportThreadRefused(cause: unknown): DomainError | undefined {
  const { code, message } = cause as { code?: string; message?: string };
  if (!/^THREADS_(DEADLINE_EXCEEDED|OUT_OF_MEMORY|CRASHED)$/.test(code ?? '')) return undefined;
  const allowed = 'documents of one account';
  return exportUnreadable({ message: `The documents cannot be read: ${message}`, field: 'documents', allowed });
}

export const exportEmpty = (
  format: string,
  { understood }: { understood: readonly { name: string; rows: number }[] },
) =>
  portfoliosError(
    'PORTFOLIOS_EXPORT_EMPTY',
    `The documents have no position: looked for positions of ${format}, found ${understood.map(({ name, rows }) => `${name} with ${rows} rows`).join(', ') || 'nothing'}. Send allowEmpty=true if the account has none; nothing was stored.`,
  );

export const importAccountMissing = (format: string) =>
  invalidRequest(
    [{ field: 'account', seen: 'nothing', allowed: 'the account of the broker' }],
    `Documents of ${format} do not name their account, and the portfolio does not exist yet. Name it in \`account\`; nothing was stored.`,
  );

export const publishRefused = () => portfoliosError('PORTFOLIOS_PUBLISH_REFUSED');

export const quotesBusy = (waiting: number, max: number) =>
  portfoliosError(
    'PORTFOLIOS_QUOTES_BUSY',
    `${waiting} quotes wait to be written, at most ${max} are allowed. Retry after 1 s; nothing was stored.`,
    { retryAfterMs: 1_000 },
  );

export const ownerRefused = (seen: string) =>
  portfoliosError('PORTFOLIOS_OWNER_REFUSED', 'Only operators write for other users; the snapshot was not stored.', {
    errors: [{ field: 'userId', seen, allowed: 'your own id, or no userId' }],
  });

export const ownerUnknown = (seen: string) =>
  invalidRequest(
    [{ field: 'userId', seen, allowed: 'the id of a user' }],
    'A userId belongs to no user; the snapshot was not stored.',
  );

export const aheadOfTime = (errors: readonly FieldIssue[]) =>
  invalidRequest(errors, 'A time lies in the future; nothing was stored. Check the clock of the sender.');

export const idMismatch = (field: string, seen: string, id: string) =>
  invalidRequest(
    [{ field, seen, allowed: `${id}, or no portfolioId` }],
    'The portfolioId of the body differs from the one of the path.',
  );

export const historyRange = (field: string, seen: string, allowed: string) =>
  invalidRequest(
    [{ field, seen, allowed }],
    `This range of the history cannot be answered: ${field} must be ${allowed}.`,
  );
