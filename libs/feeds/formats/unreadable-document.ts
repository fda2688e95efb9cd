import type { ErrorPage } from './error-page.js';

/** The reason why a document is not read, as data that can leave a thread. */
export type DocumentRefusal =
  | { code: 'FEEDS_ERROR_PAGE' | 'FEEDS_RATE_EXCEEDED' | 'FEEDS_CONTACT_REQUIRED'; page: ErrorPage }
  | { code: 'FEEDS_NOT_A_FEED'; reason: string }
  | { code: 'FEEDS_DOCUMENT_LIMIT'; limit: string; seen: number; allowed: number };

/**
 * Thrown for a document that is not read. Pure, because it is thrown in a thread; `unreadable()` converts it to a
 * DomainError.
 */
export class UnreadableDocument extends Error {
  readonly code: DocumentRefusal['code'];

  constructor(readonly refusal: DocumentRefusal) {
    super(refusal.code === 'FEEDS_NOT_A_FEED' ? `The document is not a feed: ${refusal.reason}.` : refusal.code);
    this.name = 'UnreadableDocument';
    this.code = refusal.code;
  }
}

export const notAFeed = (reason: string) => new UnreadableDocument({ code: 'FEEDS_NOT_A_FEED', reason });

/** @throws UnreadableDocument above the limit. @param limit plural noun that is counted, e.g. `entries` */
export function atMost(limit: string, seen: number, allowed: number): void {
  if (seen > allowed) throw new UnreadableDocument({ code: 'FEEDS_DOCUMENT_LIMIT', limit, seen, allowed });
}
