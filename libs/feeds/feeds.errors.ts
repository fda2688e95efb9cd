import { defineErrors, type DomainError, type FieldIssue } from '#errors';
import { invalidRequest } from '#http';
import type { ErrorClass } from '#resilience';
import type { DocumentRefusal } from './formats/unreadable-document.js';
import type { ErrorPage } from './formats/error-page.js';

/** Shown as the reason of a failed cycle in `GET /v1/feeds`. */
const failure = (meaning: string, fix: string) => ({ kind: 'unavailable', meaning, fix }) as const;

const feedsError = defineErrors({
  FEEDS_RATE_EXCEEDED: failure(
    'The server of the feed limits the request rate.',
    'No action needed. The source pauses for the time that the server asks for.',
  ),
  FEEDS_ERROR_PAGE: failure(
    'The server answered with a web page instead of a feed.',
    'Open the URL in a browser and correct it.',
  ),
  FEEDS_NOT_A_FEED: failure(
    'The document is not a feed of a known format.',
    'Correct the URL or the `kind` of the source.',
  ),
  FEEDS_DOCUMENT_LIMIT: failure(
    'The document exceeds a limit that real feeds stay below.',
    'Open the URL and check that it is a feed. The message names the limit and what was seen.',
  ),
  FEEDS_HTTP_STATUS: failure(
    'The server of the feed answered with an error status.',
    'Correct the URL or the headers if it persists.',
  ),
  FEEDS_CONTACT_REQUIRED: failure(
    'The SEC refuses requests without a contact.',
    'Set `EGRESS_CONTACT` to an e-mail address.',
  ),
  FEEDS_NOTHING_READABLE: failure(
    'The document has entries, and none of them can be read.',
    'Read the warnings of the cycle in `GET /v1/feeds/{id}` and correct the `kind` or the settings of the source.',
  ),
  FEEDS_GONE: failure(
    'The server of the feed says that it no longer exists (410). The source is not polled any more.',
    'Correct the URL or delete the source. `POST /v1/feeds/{id}/run` tries again.',
  ),
  FEEDS_SECRET_UNKNOWN: failure(
    'A header refers to a secret that `FEEDS_SECRETS` does not contain.',
    'Add the secret to `FEEDS_SECRETS`.',
  ),
  FEEDS_LEASE_LOST: {
    kind: 'conflict',
    meaning: 'Another process polls the source. This cycle is not recorded.',
    fix: 'No action needed. The next cycle reads the items again.',
  },
  FEEDS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The feed does not exist.',
    fix: 'List the feeds with `GET /v1/feeds`.',
  },
  FEEDS_NAME_TAKEN: { kind: 'conflict', meaning: 'Another feed has this name.', fix: 'Choose another name.' },
  FEEDS_TOO_MANY: {
    kind: 'conflict',
    meaning: 'The maximum number of feeds exists.',
    fix: 'Delete a feed, or raise `FEEDS_MAX_SOURCES`.',
  },
  FEEDS_DISABLED: {
    kind: 'conflict',
    meaning: 'The feed is switched off.',
    fix: 'Switch it on with `PATCH {"enabled": true}`.',
  },
  FEEDS_BUSY: { kind: 'conflict', meaning: 'The feed is being polled.', fix: 'Retry after the time in `Retry-After`.' },
});

/** Error of a source. Its class is for circuit breakers; `retryAfterMs` is the pause that the server asks for. */
function sourceFailure(
  code: Parameters<typeof feedsError>[0],
  message: string,
  errorClass: ErrorClass,
  retryAfterMs?: number,
): DomainError {
  const kind = errorClass === 'rate-limited' ? 'rate_limited' : 'unavailable';
  const error = feedsError(code, message, { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  return Object.assign(error, { errorClass });
}

export const errorPage = (page: ErrorPage): DomainError => {
  if (page.kind === 'undeclared-tool')
    return sourceFailure(
      'FEEDS_CONTACT_REQUIRED',
      `The server refuses a client without a contact ("${page.title}", Undeclared Automated Tool). Set EGRESS_CONTACT (earlier name FEEDS_CONTACT) to an e-mail address.`,
      'client',
      page.retryAfterMs,
    );
  return page.kind === 'rate-exceeded'
    ? sourceFailure(
        'FEEDS_RATE_EXCEEDED',
        `The server limits the request rate ("${page.title}") and asks for a pause of ${page.retryAfterMs! / 1000} s.`,
        'rate-limited',
        page.retryAfterMs,
      )
    : sourceFailure(
        'FEEDS_ERROR_PAGE',
        `The server answered with a web page instead of a feed ("${page.title}").`,
        page.kind === 'unavailable' ? 'server' : 'client',
      );
};

/** @param limit plural noun that is counted, e.g. `entries` */
const documentLimit = (limit: string, seen: number, allowed: number): DomainError =>
  sourceFailure(
    'FEEDS_DOCUMENT_LIMIT',
    `The document has ${seen} or more ${limit}. At most ${allowed} are read.`,
    'client',
  );

export function unreadable(refusal: DocumentRefusal): DomainError {
  if (refusal.code === 'FEEDS_NOT_A_FEED')
    return sourceFailure(refusal.code, `The document is not a feed: ${refusal.reason}.`, 'client');
  if (refusal.code === 'FEEDS_DOCUMENT_LIMIT') return documentLimit(refusal.limit, refusal.seen, refusal.allowed);
  return errorPage(refusal.page);
}

/**
 * @param cause error of #threads, whose message names the limit. Undefined if the failure does not concern the
 * document.
 */
export function threadRefused(cause: unknown): DomainError | undefined {
  const { code, message } = cause as { code?: string; message?: string };
  if (!/^THREADS_(DEADLINE_EXCEEDED|OUT_OF_MEMORY|CRASHED)$/.test(code ?? '')) return undefined;
  return sourceFailure('FEEDS_DOCUMENT_LIMIT', `The document cannot be read: ${message}`, 'client');
}

export const badStatus = (status: number, errorClass: ErrorClass, retryAfterMs?: number): DomainError =>
  Object.assign(sourceFailure('FEEDS_HTTP_STATUS', `The server answered ${status}.`, errorClass, retryAfterMs), {
    status,
  });

export const feedGone = (host: string): DomainError =>
  sourceFailure('FEEDS_GONE', `${host} answered 410: the feed no longer exists. It is not polled any more.`, 'client');

/** @param first the first warning, which names the entry and the reason */
export const nothingReadable = (entries: number, first: { item: string; reason: string } | undefined): DomainError =>
  sourceFailure(
    'FEEDS_NOTHING_READABLE',
    `None of the ${entries} entries can be read${first === undefined ? '' : ` (${first.item}: ${first.reason})`}.`,
    'client',
  );

export const secretUnknown = (name: string): DomainError =>
  sourceFailure(
    'FEEDS_SECRET_UNKNOWN',
    `A header refers to secret:${name}, but FEEDS_SECRETS contains no ${name}.`,
    'client',
  );

export const leaseLost = () =>
  feedsError('FEEDS_LEASE_LOST', 'Another process has claimed the source; this cycle is not recorded.');

export const sourceNotFound = (id: string) => feedsError('FEEDS_NOT_FOUND', `There is no feed ${id}.`);

export const nameTaken = (name: string, cause: unknown) =>
  feedsError('FEEDS_NAME_TAKEN', `A feed named ${name} exists. Choose another name.`, { cause });

export const tooManySources = (max: number) =>
  feedsError('FEEDS_TOO_MANY', `There are ${max} feeds, the maximum. Delete one, or raise FEEDS_MAX_SOURCES.`);

export const feedDisabled = (name: string) =>
  feedsError('FEEDS_DISABLED', `Feed ${name} is switched off. Switch it on first: PATCH {"enabled": true}.`);

export const feedRefused = (errors: readonly FieldIssue[]) =>
  invalidRequest(errors, 'The settings of the feed are not valid; nothing was stored.');

export const sourceBusy = () =>
  feedsError('FEEDS_BUSY', 'The feed is being polled. Try again in a moment.', { retryAfterMs: 5_000 });
