import { defineErrors } from '#errors';

/** A master that cannot be read. Nothing of it is stored. */
const badMaster = (meaning: string, fix: string) => ({ kind: 'unprocessable', meaning, fix }) as const;
const AGAIN = 'Download the master again.';

const instrumentsError = defineErrors({
  INSTRUMENTS_FILE_EMPTY: badMaster('The file is empty.', AGAIN),
  INSTRUMENTS_FILE_NO_ROWS: badMaster('The file has no usable row.', 'Check the file and its mapping.'),
  INSTRUMENTS_FILE_IS_HTML: badMaster('The file is a web page or XML.', AGAIN),
  INSTRUMENTS_FILE_IS_ARCHIVE: badMaster(
    'The file is a spreadsheet, or an archive that cannot be read.',
    'Send plain text, gzip, or a ZIP file without a password.',
  ),
  INSTRUMENTS_FILE_TRUNCATED: badMaster('The gzip or ZIP file is incomplete.', AGAIN),
  INSTRUMENTS_FILE_CORRUPT: badMaster('The gzip or ZIP file is damaged.', AGAIN),
  INSTRUMENTS_FILE_ENCODING: badMaster(
    'The file does not have the encoding of its mapping, which is UTF-8 unless it names another.',
    'Name the encoding in the mapping, or convert the file, for example with iconv.',
  ),
  INSTRUMENTS_FILE_INCOMPLETE: badMaster(
    'The file lacks its trailer, or its trailer counts other rows than the file has.',
    AGAIN,
  ),
  INSTRUMENTS_FILE_MEMBER: badMaster(
    'The ZIP file has no member, or more than one, that the mapping names.',
    'Name one member in the mapping.',
  ),
  INSTRUMENTS_FILE_REPEATS: badMaster('Too many rows repeat a key.', 'Correct the key columns of the mapping.'),
  INSTRUMENTS_FILE_NOT_JSON_ARRAY: badMaster(
    'The JSON file has no list of objects where the mapping expects it.',
    'Check the file and `rows` of the mapping.',
  ),
  INSTRUMENTS_FILE_BROKEN_JSON: badMaster('The JSON array is incomplete or malformed.', AGAIN),
  INSTRUMENTS_SOURCE_STALLED: badMaster('The source stopped sending.', 'Retry.'),
  INSTRUMENTS_SOURCE_BROKEN: badMaster('The source ended prematurely.', 'Retry.'),
  INSTRUMENTS_WRONG_HEADER: badMaster('The columns do not match a known master of the broker.', 'Give a mapping file.'),
  INSTRUMENTS_MAPPING_NEEDED: badMaster('No built-in mapping fits the file, or several do.', 'Give a mapping.'),
  INSTRUMENTS_FILE_LINE_TOO_LONG: {
    kind: 'too_large',
    meaning: 'A line is longer than any line of an instrument master.',
    fix: 'Check that the file is a master.',
  },
  INSTRUMENTS_FILE_LIMIT: {
    kind: 'too_large',
    meaning: 'The file exceeds a limit that no instrument master reaches.',
    fix: 'Check that the file is a master; its message names the limit and the received number.',
  },
  INSTRUMENTS_FILE_TOO_LARGE: {
    kind: 'too_large',
    meaning: 'The unpacked file is larger than the maximum.',
    fix: 'Raise `INSTRUMENTS_MAX_IMPORT_SIZE` if the master really has this size.',
  },
  INSTRUMENTS_IMPORT_RUNNING: {
    kind: 'conflict',
    meaning: 'Another import or rollback of the broker is running.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  INSTRUMENTS_DELISTING_TOO_MANY: {
    kind: 'conflict',
    meaning: 'The import would delist too many contracts. Nothing was imported.',
    fix: 'Check that the file is complete; force the import if it is.',
  },
  INSTRUMENTS_IMPORT_INTERRUPTED: {
    kind: 'unavailable',
    meaning: 'A concurrent writer interrupted the import. Nothing was imported.',
    fix: 'Send the file again.',
  },
  INSTRUMENTS_IMPORTS_BUSY: {
    kind: 'unavailable',
    meaning: 'The process runs its maximum number of imports.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  INSTRUMENTS_IMPORT_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The import does not exist.',
    fix: 'List the imports with `GET /v1/instruments/imports`.',
  },
  INSTRUMENTS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The instrument does not exist.',
    fix: 'Search with `GET /v1/instruments`.',
  },
  INSTRUMENTS_NOT_FOLLOWED: {
    kind: 'not_found',
    meaning: 'The instrument is not on your watchlist.',
    fix: 'List it with `GET /v1/watchlist`.',
  },
  INSTRUMENTS_TOO_MANY_FOLLOWED: {
    kind: 'conflict',
    meaning: 'You follow the maximum number of instruments.',
    fix: 'Stop following one first.',
  },
  INSTRUMENTS_FILE_MISSING: {
    kind: 'invalid',
    meaning: 'The multipart body has no file.',
    fix: 'Send the master as a file part, or as the raw body.',
  },
});

/** All error codes of an import. */
export const IMPORT_ERRORS = [
  'INSTRUMENTS_DELISTING_TOO_MANY',
  'INSTRUMENTS_FILE_BROKEN_JSON',
  'INSTRUMENTS_FILE_CORRUPT',
  'INSTRUMENTS_FILE_EMPTY',
  'INSTRUMENTS_FILE_ENCODING',
  'INSTRUMENTS_FILE_IS_ARCHIVE',
  'INSTRUMENTS_FILE_INCOMPLETE',
  'INSTRUMENTS_FILE_IS_HTML',
  'INSTRUMENTS_FILE_LIMIT',
  'INSTRUMENTS_FILE_LINE_TOO_LONG',
  'INSTRUMENTS_FILE_MEMBER',
  'INSTRUMENTS_FILE_MISSING',
  'INSTRUMENTS_FILE_NOT_JSON_ARRAY',
  'INSTRUMENTS_FILE_NO_ROWS',
  'INSTRUMENTS_FILE_REPEATS',
  'INSTRUMENTS_FILE_TOO_LARGE',
  'INSTRUMENTS_FILE_TRUNCATED',
  'INSTRUMENTS_IMPORTS_BUSY',
  'INSTRUMENTS_IMPORT_INTERRUPTED',
  'INSTRUMENTS_IMPORT_RUNNING',
  'INSTRUMENTS_MAPPING_NEEDED',
  'INSTRUMENTS_SOURCE_BROKEN',
  'INSTRUMENTS_SOURCE_STALLED',
  'INSTRUMENTS_WRONG_HEADER',
] as const;

const shownNames = (names: readonly string[]) =>
  names.length === 0 ? 'none' : `${names.slice(0, 20).join(', ').slice(0, 300)}${names.length > 20 ? ' and more' : ''}`;
const shown = (text: string) => JSON.stringify(text.slice(0, 80));

const badFile = (code: Parameters<typeof instrumentsError>[0], message: string, cause?: unknown) =>
  instrumentsError(code, `${message} Nothing was imported.`, { cause });

export const emptyFile = () => badFile('INSTRUMENTS_FILE_EMPTY', 'The file is empty.');

export const headerOnly = () =>
  badFile('INSTRUMENTS_FILE_NO_ROWS', 'The file has a header and no rows. Importing it would delist everything.');

export const allQuarantined = (rows: number, line: number, reason: string) =>
  badFile('INSTRUMENTS_FILE_NO_ROWS', `None of the ${rows} rows is usable. The first: line ${line}, ${reason}.`);

export const htmlFile = (text: string) =>
  badFile(
    'INSTRUMENTS_FILE_IS_HTML',
    `The file is a web page or XML (it starts with ${shown(text)}), probably an error page instead of the master.`,
  );

export const archiveFile = (what: string) =>
  badFile('INSTRUMENTS_FILE_IS_ARCHIVE', `The file is ${what}. Send plain text, gzip, or a ZIP file of plain text.`);

export const truncatedFile = (kind: 'gzip' | 'ZIP', cause?: unknown) =>
  badFile('INSTRUMENTS_FILE_TRUNCATED', `The ${kind} file is incomplete: the download or upload was cut off.`, cause);

export const corruptFile = (kind: 'gzip' | 'ZIP', cause?: unknown) =>
  badFile('INSTRUMENTS_FILE_CORRUPT', `The ${kind} file is damaged (its checksum or data are wrong).`, cause);

/** @param from the encoding that the file seems to have, as iconv and a mapping name it */
export const wrongEncoding = (expected: string, what: string, from: { iconv: string; mapping: string }) =>
  badFile(
    'INSTRUMENTS_FILE_ENCODING',
    `The file is not ${expected}: ${what}. Set "encoding": "${from.mapping}" in the mapping, or convert the file, e.g. iconv -f ${from.iconv} -t UTF-8.`,
  );

/** @param detail a sentence */
export const incompleteFile = (detail: string) =>
  badFile('INSTRUMENTS_FILE_INCOMPLETE', `The file is incomplete. ${detail}`);

/** @param wanted the pattern of the mapping, or undefined without a mapping */
export const memberNotFound = (wanted: string | undefined, fitting: number, names: readonly string[]) =>
  badFile(
    'INSTRUMENTS_FILE_MEMBER',
    `The ZIP file has ${names.length} members (${shownNames(names)}), and ${wanted === undefined ? 'no mapping chooses one of them' : `${fitting} of them fit ${shown(wanted)}`}. Give a mapping whose "member" fits exactly one.`,
  );

export const lineTooLong = (line: number, limit: number) =>
  badFile(
    'INSTRUMENTS_FILE_LINE_TOO_LONG',
    `Line ${line} is longer than ${limit} bytes, longer than any line of an instrument master.`,
  );

export const fileTooLarge = (limit: number) =>
  badFile('INSTRUMENTS_FILE_TOO_LARGE', `The unpacked file is larger than ${limit} bytes.`);

/** @param what plural noun that is counted, e.g. `columns` */
export const fileLimit = (what: string, seen: number, allowed: number, where = '') =>
  instrumentsError(
    'INSTRUMENTS_FILE_LIMIT',
    `The file has ${seen} or more ${what}${where}. At most ${allowed} are read. Nothing was imported.`,
    { extra: { limit: what, seen, allowed } },
  );

export const fileInflates = (kind: 'gzip' | 'ZIP', unpacked: number, packed: number, allowed: number) =>
  instrumentsError(
    'INSTRUMENTS_FILE_LIMIT',
    `The ${kind} file unpacks to ${Math.floor(unpacked / Math.max(packed, 1))} times its size (${packed} bytes to ${unpacked} so far). At most ${allowed} times is read. Nothing was imported.`,
    { extra: { limit: 'inflate ratio', seen: Math.floor(unpacked / Math.max(packed, 1)), allowed } },
  );

export const tooManyImports = (allowed: number) =>
  instrumentsError('INSTRUMENTS_IMPORTS_BUSY', `${allowed} imports run in this process, the maximum. Retry later.`, {
    retryAfterMs: 5_000,
  });

export const sourceStalled = (ms: number) =>
  badFile('INSTRUMENTS_SOURCE_STALLED', `The source sent nothing for ${ms} ms.`);

export const sourceBroken = (cause: unknown) =>
  badFile('INSTRUMENTS_SOURCE_BROKEN', 'The source ended prematurely.', cause);

export const tooManyRepeats = (rows: number) =>
  badFile(
    'INSTRUMENTS_FILE_REPEATS',
    `${rows} or more rows repeat the key of an earlier row, so the key columns do not identify a row.`,
  );

export const wrongHeader = (broker: string, master: string, missing: readonly string[], header: readonly string[]) =>
  badFile(
    'INSTRUMENTS_WRONG_HEADER',
    `This is not a known master of ${broker}: as ${master} it lacks the columns ${missing.join(', ')}. Seen: ${shown(header.join(','))}. Give a mapping file for another layout.`,
  );

export const repeatedColumn = (column: string) =>
  badFile('INSTRUMENTS_WRONG_HEADER', `The header has the column ${shown(column)} twice.`);

/** @param where the place that was searched, e.g. `at "result.list"` */
export const notJsonArray = (where: string, seen: string) =>
  badFile(
    'INSTRUMENTS_FILE_NOT_JSON_ARRAY',
    `A JSON master has a list or an object of objects ${where}, but this ${seen}.`,
  );

/** @param what the line, e.g. `number 3` @param lines number of lines that were read */
export const headerNotFound = (what: string, lines: number) =>
  badFile('INSTRUMENTS_WRONG_HEADER', `The file has no header line ${what} among its first ${lines} lines.`);

export const brokenJson = (element: number, cause?: unknown) =>
  badFile('INSTRUMENTS_FILE_BROKEN_JSON', `The JSON file ends or is malformed after ${element} elements.`, cause);

export const mappingNeeded = (broker: string, names: readonly string[]) =>
  badFile(
    'INSTRUMENTS_MAPPING_NEEDED',
    `The file is JSON, and no built-in mapping of ${broker} fits its names (${shownNames(names)}). Give a mapping file.`,
  );

export const severalMappings = (names: readonly string[]) =>
  badFile(
    'INSTRUMENTS_MAPPING_NEEDED',
    `Several built-in mappings fit the file: ${shownNames(names)}. Name one of them as its mapping.`,
  );

export const importRunning = (broker: string) =>
  instrumentsError(
    'INSTRUMENTS_IMPORT_RUNNING',
    `Another import or rollback of ${broker} is running. Try again when it has ended.`,
    { retryAfterMs: 5_000 },
  );

export const tooManyDelisted = (delisted: number, listed: number, expired: number, percent: number) =>
  instrumentsError(
    'INSTRUMENTS_DELISTING_TOO_MANY',
    `The import would delist ${delisted} of ${listed} listed contracts of the file's exchanges (${expired} of them past their expiry), more than ${percent} %. If the file is complete, repeat with force=true. Nothing was imported.`,
    { extra: { delisted, listed, expired, percent } },
  );

export const notRepeatable = (cause: unknown) =>
  instrumentsError(
    'INSTRUMENTS_IMPORT_INTERRUPTED',
    'A concurrent writer interrupted the import, and its stream can be read only once. Send it again.',
    { retryAfterMs: 1_000, cause },
  );

export const importNotFound = (id: string) =>
  instrumentsError('INSTRUMENTS_IMPORT_NOT_FOUND', `There is no instrument import ${id}.`);

export const instrumentNotFound = (id: string) =>
  instrumentsError('INSTRUMENTS_NOT_FOUND', `There is no instrument ${id}.`);

export const notFollowed = (id: string) =>
  instrumentsError('INSTRUMENTS_NOT_FOLLOWED', `Instrument ${id} is not on the watchlist.`);

export const tooManyFollowed = (max: number) =>
  instrumentsError(
    'INSTRUMENTS_TOO_MANY_FOLLOWED',
    `You follow ${max} instruments, the maximum. Stop following one first.`,
  );

export const noFilePart = () =>
  instrumentsError(
    'INSTRUMENTS_FILE_MISSING',
    'The multipart body has no file part. Send the master as a file, or as the raw body.',
  );
