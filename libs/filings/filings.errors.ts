import { defineErrors } from '#errors';

const filingsError = defineErrors({
  FILINGS_ACCESSION_INVALID: {
    kind: 'invalid',
    meaning: 'The accession number is malformed.',
    fix: 'Write ten digits, two and six, with dashes: `0001493152-25-027399`.',
  },
  FILINGS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The desk has not seen this filing.',
    fix: 'List the filings with `GET /v1/filings`.',
  },
  FILINGS_DOCUMENT_REFUSED: {
    kind: 'unavailable',
    meaning: "EDGAR's archive refused the filing's document. Shown as the reason of a missing summary.",
    fix: 'No action needed. The summary is retried unless the archive answered 404.',
  },
  FILINGS_DOCUMENT_LIMIT: {
    kind: 'unavailable',
    meaning: 'Reading the document exceeded a time or memory limit. Shown as the reason of a missing summary.',
    fix: 'Read the filing at EDGAR.',
  },
  FILINGS_DOCUMENT_UNREADABLE: {
    kind: 'unavailable',
    meaning:
      "EDGAR's archive returned another document, or one without text. Shown as the reason of a missing summary.",
    fix: 'Read the filing at EDGAR.',
  },
  FILINGS_TICKERS_UNREADABLE: {
    kind: 'invalid',
    meaning: 'The file is no ticker file of the SEC. Nothing was changed.',
    fix: 'Load `company_tickers.json`, `company_tickers_exchange.json` or `ticker.txt` of https://www.sec.gov/files/.',
  },
  FILINGS_TICKERS_SHRINK: {
    kind: 'conflict',
    meaning:
      'The ticker file lacks more than 20 % of the current tickers, so it is probably incomplete. Nothing was changed.',
    fix: 'Check the file. Load it with `deskwire filings tickers FILE --force` if it is right.',
  },
  FILINGS_TICKERS_REFUSED: {
    kind: 'unavailable',
    meaning: 'The server of the ticker file refused it. The tickers stay as they are.',
    fix: 'Set `EGRESS_CONTACT` to an e-mail address: sec.gov refuses requests without one. The load is tried again every hour.',
  },
});

/**
 * @param cause error of #threads, whose message names the limit. Undefined if the document is another filing or has no
 * text.
 */
export function documentLimit(accession: string, cause: unknown) {
  const { code, message } = cause as { code?: string; message?: string };
  if (!/^THREADS_(DEADLINE_EXCEEDED|OUT_OF_MEMORY|CRASHED)$/.test(code ?? '')) return undefined;
  return filingsError('FILINGS_DOCUMENT_LIMIT', `The document of filing ${accession} cannot be read: ${message}`);
}

export const accessionInvalid = (seen: string) =>
  filingsError('FILINGS_ACCESSION_INVALID', 'An accession number has ten digits, two and six, with dashes.', {
    errors: [{ field: 'accession', seen: seen.slice(0, 60), allowed: 'a number such as 0001493152-25-027399' }],
  });

export const filingNotFound = (accession: string) =>
  filingsError('FILINGS_NOT_FOUND', `The desk has not seen a filing ${accession}.`);

export const documentRefused = (accession: string, status: number) =>
  filingsError('FILINGS_DOCUMENT_REFUSED', `The archive answered ${status} for filing ${accession}.`, {
    kind: status === 429 ? 'rate_limited' : status >= 500 ? 'unavailable' : 'not_found',
  });

export const documentUnreadable = (accession: string) =>
  filingsError(
    'FILINGS_DOCUMENT_UNREADABLE',
    `The archive's document for filing ${accession} is another filing, or has no text.`,
  );

/** @param seen the beginning of the file */
export const tickersUnreadable = (seen: string, cause?: unknown) =>
  filingsError(
    'FILINGS_TICKERS_UNREADABLE',
    `The file is no ticker file of the SEC, or none of its entries can be read. It begins with ${seen}.`,
    { cause },
  );

export const tickersShrink = (source: string, missing: number, current: number) =>
  filingsError(
    'FILINGS_TICKERS_SHRINK',
    `${source} lacks ${missing} of the ${current} current tickers. At most 20 % may be missing unless the load is forced.`,
  );

export const tickersRefused = (host: string, status: number, hasContact: boolean) =>
  filingsError(
    'FILINGS_TICKERS_REFUSED',
    `${host} answered ${status} for the ticker file.${hasContact ? '' : ' EGRESS_CONTACT is not set, and sec.gov refuses requests without a contact.'}`,
  );
