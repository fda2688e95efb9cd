import type { ErrorPage } from './error-page.js';

/** Why nothing is read of a document, as data that leaves a thread. */
export type DocumentRefusal =
  | { code: 'FEEDS_ERROR_PAGE' | 'FEEDS_RATE_EXCEEDED'; page: ErrorPage }
  | { code: 'FEEDS_NOT_A_FEED'; reason: string }
  | { code: 'FEEDS_DOCUMENT_LIMIT'; limit: string; seen: number; allowed: number };

/** A document of which nothing is read. Pure, because it is thrown in a thread: `unreadable()` makes a DomainError of it. */
export class UnreadableDocument extends Error {
  readonly code: DocumentRefusal['code'];

  constructor(readonly refusal: DocumentRefusal) {
    super(refusal.code === 'FEEDS_NOT_A_FEED' ? `The document is not a feed: ${refusal.reason}.` : refusal.code);
    this.name = 'UnreadableDocument';
    this.code = refusal.code;
  }
}

export const notAFeed = (reason: string) => new UnreadableDocument({ code: 'FEEDS_NOT_A_FEED', reason });

/** @throws UnreadableDocument if there is more than allowed. @param limit the plural noun that is counted, e.g. `entries` */
export function atMost(limit: string, seen: number, allowed: number): void {
  if (seen > allowed) throw new UnreadableDocument({ code: 'FEEDS_DOCUMENT_LIMIT', limit, seen, allowed });
}
