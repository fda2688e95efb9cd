import { DomainError, type FieldIssue } from '#errors';
import { invalidRequest } from '#http';
import type { ErrorClass } from '#resilience';
import type { ErrorPage } from './formats/error-page.js';

/** A failure of a source: its class says what kind (for breakers), `retryAfterMs` what the server asks for. */
function sourceFailure(code: string, message: string, errorClass: ErrorClass, retryAfterMs?: number): DomainError {
  const kind = errorClass === 'rate-limited' ? 'rate_limited' : 'unavailable';
  return Object.assign(
    new DomainError(code, message, { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }),
    { errorClass },
  );
}

export const errorPage = (page: ErrorPage): DomainError =>
  page.kind === 'rate-exceeded'
    ? sourceFailure(
        'FEEDS_RATE_EXCEEDED',
        `The server limits the rate ("${page.title}") and asks for a pause of ${page.retryAfterMs! / 1000} s.`,
        'rate-limited',
        page.retryAfterMs,
      )
    : sourceFailure(
        'FEEDS_ERROR_PAGE',
        `A web page came in place of the feed ("${page.title}").`,
        page.kind === 'unavailable' ? 'server' : 'client',
      );

export const notAFeed = (what: string): DomainError =>
  sourceFailure('FEEDS_NOT_A_FEED', `This is no feed: ${what}.`, 'client');

export const badStatus = (status: number, errorClass: ErrorClass, retryAfterMs?: number): DomainError =>
  sourceFailure('FEEDS_HTTP_STATUS', `The server answered ${status}.`, errorClass, retryAfterMs);

export const secretUnknown = (name: string): DomainError =>
  sourceFailure('FEEDS_SECRET_UNKNOWN', `A header says secret:${name}, and FEEDS_SECRETS has no ${name}.`, 'client');

export const leaseLost = (): DomainError =>
  new DomainError('FEEDS_LEASE_LOST', 'Another process has taken the source meanwhile; this cycle is not recorded.', {
    kind: 'conflict',
  });

export const sourceNotFound = (id: string): DomainError =>
  new DomainError('FEEDS_NOT_FOUND', `There is no feed ${id}.`, { kind: 'not_found' });

export const nameTaken = (name: string, cause: unknown): DomainError =>
  new DomainError('FEEDS_NAME_TAKEN', `There is a feed named ${name} already; choose another name.`, {
    kind: 'conflict',
    cause,
  });

export const tooManySources = (max: number): DomainError =>
  new DomainError('FEEDS_TOO_MANY', `There are ${max} feeds (FEEDS_SOURCES_MAX); remove one or raise the limit.`, {
    kind: 'conflict',
  });

export const feedDisabled = (name: string): DomainError =>
  new DomainError('FEEDS_DISABLED', `Feed ${name} is switched off; PATCH enabled: true first.`, { kind: 'conflict' });

export const feedRefused = (errors: readonly FieldIssue[]): DomainError =>
  invalidRequest(errors, 'The settings of the feed are not valid; nothing was stored.');

export const sourceBusy = (): DomainError =>
  new DomainError('FEEDS_BUSY', 'The feed is being visited right now; try again in a moment.', {
    kind: 'conflict',
    retryAfterMs: 5_000,
  });
