import { defineErrors } from '#errors';

/** An import that its guards refuse. `force=true` overrides them. */
const guarded = (meaning: string, fix: string) => ({ kind: 'conflict', meaning, fix }) as const;

const importError = defineErrors({
  INSTRUMENTS_QUARANTINED_TOO_MANY: guarded(
    'Too many rows of the file are unreadable. Nothing was imported.',
    'Correct the mapping, with `dryRun=true`; force the import to store the other rows.',
  ),
  INSTRUMENTS_DATES_IMPLAUSIBLE: guarded(
    'No contract of the file expires soon. Nothing was imported.',
    'Correct the dates of the mapping: an epoch, a unit or a century is wrong. Force the import if they are right.',
  ),
  INSTRUMENTS_KEYS_REASSIGNED: guarded(
    'Most keys of the file belong to other contracts than before. Nothing was imported.',
    'Check the key columns of the mapping; force the import if the broker has assigned new keys.',
  ),
  INSTRUMENTS_UNITS_CHANGED: guarded(
    'Most strikes, ticks or lots would change by a power of ten. Nothing was imported.',
    'Correct `divideBy` of the mapping; force the import if the listed values are the wrong ones.',
  ),
  INSTRUMENTS_MAPPING_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'No mapping of this name is stored for the broker.',
    fix: 'List the mappings with `GET /v1/instruments/mappings`.',
  },
  INSTRUMENTS_TOO_MANY_MAPPINGS: {
    kind: 'conflict',
    meaning: 'The desk stores the maximum number of mappings.',
    fix: 'Remove a mapping first.',
  },
  INSTRUMENTS_MAPPING_LATE: {
    kind: 'invalid',
    meaning: 'The mapping followed a file that is too large to hold back.',
    fix: 'Send the part `mapping` before the file, or store the mapping and name it.',
  },
});

/** Further error codes of an import, besides IMPORT_ERRORS. */
export const GUARD_ERRORS = [
  'INSTRUMENTS_DATES_IMPLAUSIBLE',
  'INSTRUMENTS_KEYS_REASSIGNED',
  'INSTRUMENTS_MAPPING_LATE',
  'INSTRUMENTS_MAPPING_NOT_FOUND',
  'INSTRUMENTS_QUARANTINED_TOO_MANY',
  'INSTRUMENTS_UNITS_CHANGED',
] as const;

export const tooManyQuarantined = (
  quarantined: number,
  rows: number,
  percent: number,
  first: { line: number; reason: string } | undefined,
) =>
  importError(
    'INSTRUMENTS_QUARANTINED_TOO_MANY',
    `${quarantined} of ${rows} rows are unreadable, more than ${percent} %${first ? `. The first: line ${first.line}, ${first.reason}` : ''}. To import the other rows, repeat with force=true. Nothing was imported.`,
    { extra: { quarantined, rows, percent } },
  );

/** @param expiries number of rows with an expiry, and the first and the last day */
export const implausibleDates = (
  { dated, first, last }: { dated: number; first: string; last: string },
  today: string,
  days: number,
) =>
  importError(
    'INSTRUMENTS_DATES_IMPLAUSIBLE',
    `None of the ${dated} contracts with an expiry expires within ${days} days of ${today}: they expire from ${first} to ${last}. An epoch, a unit or a century is probably wrong. If the dates are right, repeat with force=true. Nothing was imported.`,
    { extra: { dated, first, last, today, days } },
  );

export const keysReassigned = (replaced: number, rows: number, percent: number) =>
  importError(
    'INSTRUMENTS_KEYS_REASSIGNED',
    `${replaced} of ${rows} rows are other contracts than those listed under their keys, more than ${percent} %. They would be delisted and replaced. If the broker has assigned new keys, repeat with force=true. Nothing was imported.`,
    { extra: { replaced, rows, percent } },
  );

export const unitsChanged = (scaled: number, known: number, percent: number) =>
  importError(
    'INSTRUMENTS_UNITS_CHANGED',
    `The strike, tick or lot of ${scaled} of ${known} known contracts would change by a power of ten, more than ${percent} %. A unit is probably wrong, for example paise for rupees. If the file is right, repeat with force=true. Nothing was imported.`,
    { extra: { scaled, known, percent } },
  );

export const mappingNotFound = (broker: string, name: string) =>
  importError('INSTRUMENTS_MAPPING_NOT_FOUND', `There is no stored mapping ${name} of ${broker}.`);

export const tooManyMappings = (max: number) =>
  importError('INSTRUMENTS_TOO_MANY_MAPPINGS', `The desk stores ${max} mappings, the maximum. Remove one first.`);

/** @param bytes number of bytes of a file that are held back */
export const mappingLate = (bytes: number) =>
  importError(
    'INSTRUMENTS_MAPPING_LATE',
    `The part \`mapping\` follows a file of more than ${bytes} bytes. Send it before the file. Nothing was imported.`,
    { extra: { allowed: bytes } },
  );
