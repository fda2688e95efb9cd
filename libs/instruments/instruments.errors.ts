import { DomainError } from '#errors';

const shown = (text: string) => JSON.stringify(text.slice(0, 80));

/** A master that cannot be read at all. Nothing of it was stored. */
function badFile(code: string, message: string, cause?: unknown): DomainError {
  return new DomainError(code, `${message} Nothing was imported.`, { kind: 'unprocessable', cause });
}

export const emptyFile = () => badFile('INSTRUMENTS_FILE_EMPTY', 'The file is empty.');

export const headerOnly = () =>
  badFile('INSTRUMENTS_FILE_NO_ROWS', 'The file has a header and no rows; importing it would delist everything.');

export const allQuarantined = (rows: number, line: number, reason: string) =>
  badFile('INSTRUMENTS_FILE_NO_ROWS', `Not one of the ${rows} rows is usable; the first: line ${line}, ${reason}.`);

export const htmlFile = (text: string) =>
  badFile(
    'INSTRUMENTS_FILE_IS_HTML',
    `The file is a web page or XML (it starts with ${shown(text)}), likely an error page in place of the master.`,
  );

export const archiveFile = (what: string) =>
  badFile('INSTRUMENTS_FILE_IS_ARCHIVE', `The file is ${what}; send plain text or gzip.`);

export const truncatedGzip = (cause: unknown) =>
  badFile('INSTRUMENTS_FILE_TRUNCATED', 'The gzip ends in the middle: the download or upload was cut off.', cause);

export const corruptGzip = (cause: unknown) =>
  badFile('INSTRUMENTS_FILE_CORRUPT', 'The gzip is damaged (its checksum or data are wrong).', cause);

export const wrongEncoding = (what: string) =>
  badFile(
    'INSTRUMENTS_FILE_ENCODING',
    `The file is not UTF-8: ${what}. Convert it, e.g. iconv -f ISO-8859-1 -t UTF-8.`,
  );

export const lineTooLong = (line: number, limit: number) =>
  new DomainError(
    'INSTRUMENTS_FILE_LINE_TOO_LONG',
    `Line ${line} is longer than ${limit} bytes; no instrument master has such lines. Nothing was imported.`,
    {
      kind: 'too_large',
    },
  );

export const fileTooLarge = (limit: number) =>
  new DomainError(
    'INSTRUMENTS_FILE_TOO_LARGE',
    `The file is larger than ${limit} bytes unpacked (INSTRUMENTS_IMPORT_MAX_BYTES). Nothing was imported.`,
    {
      kind: 'too_large',
    },
  );

export const sourceStalled = (ms: number) =>
  badFile('INSTRUMENTS_SOURCE_STALLED', `The source sent nothing for ${ms} ms (INSTRUMENTS_SOURCE_IDLE_MS).`);

export const sourceBroken = (cause: unknown) =>
  badFile('INSTRUMENTS_SOURCE_BROKEN', 'The source broke off before its end.', cause);

export const tooManyRepeats = (limit: number) =>
  badFile(
    'INSTRUMENTS_FILE_REPEATS',
    `More than ${limit} rows have a key that a row above has: the key columns are not the key.`,
  );

export const wrongHeader = (broker: string, master: string, missing: readonly string[], header: readonly string[]) =>
  badFile(
    'INSTRUMENTS_WRONG_HEADER',
    `This is no master of ${broker} that is known: as ${master} it lacks the columns ${missing.join(', ')}. Seen: ${shown(header.join(','))}. Another layout is read with a mapping file.`,
  );

export const repeatedColumn = (column: string) =>
  badFile('INSTRUMENTS_WRONG_HEADER', `The header has the column ${shown(column)} twice.`);

export const notJsonArray = (seen: string) =>
  badFile('INSTRUMENTS_FILE_NOT_JSON_ARRAY', `A JSON master is an array of objects; this starts with ${shown(seen)}.`);

export const brokenJson = (element: number, cause?: unknown) =>
  badFile(
    'INSTRUMENTS_FILE_BROKEN_JSON',
    `The JSON array breaks off or is malformed after ${element} elements.`,
    cause,
  );

export const mappingNeeded = (broker: string) =>
  badFile(
    'INSTRUMENTS_MAPPING_NEEDED',
    `The file is JSON, and ${broker} has no built-in JSON master: give a mapping file.`,
  );

export const importRunning = (broker: string) =>
  new DomainError(
    'INSTRUMENTS_IMPORT_RUNNING',
    `Another import or rollback of ${broker} is running. Try again when it is done.`,
    {
      kind: 'conflict',
      retryAfterMs: 5_000,
    },
  );

export const tooManyDelisted = (delisted: number, listed: number, expired: number, percent: number) =>
  new DomainError(
    'INSTRUMENTS_DELISTING_TOO_MANY',
    `The import would delist ${delisted} of ${listed} listed contracts of the file's exchanges (${expired} of them past their expiry), more than ${percent} %. If the file is whole, repeat with force=true. Nothing was imported.`,
    { kind: 'conflict', extra: { delisted, listed, expired, percent } },
  );

export const notRepeatable = (cause: unknown) =>
  new DomainError(
    'INSTRUMENTS_IMPORT_INTERRUPTED',
    'A concurrent writer interrupted the import, and its stream can be read only once. Send it again.',
    {
      kind: 'unavailable',
      retryAfterMs: 1_000,
      cause,
    },
  );

export const importNotFound = (id: string) =>
  new DomainError('INSTRUMENTS_IMPORT_NOT_FOUND', `There is no instrument import ${id}.`, { kind: 'not_found' });

export const instrumentNotFound = (id: string) =>
  new DomainError('INSTRUMENTS_NOT_FOUND', `There is no instrument ${id}.`, { kind: 'not_found' });

export const notFollowed = (id: string) =>
  new DomainError('INSTRUMENTS_NOT_FOLLOWED', `Instrument ${id} is not on the watchlist.`, { kind: 'not_found' });

export const noFilePart = () =>
  new DomainError(
    'INSTRUMENTS_FILE_MISSING',
    'The multipart body has no file part. Send the master as a file, or raw as the body.',
    { kind: 'invalid' },
  );
