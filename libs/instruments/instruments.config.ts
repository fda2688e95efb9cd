import { configSlice, env, integer, size, type SliceValue, text } from '#config';

export const instrumentsConfig = configSlice(
  'instruments',
  {
    importMaxBytes: env(
      'INSTRUMENTS_MAX_IMPORT_SIZE',
      size('1GiB', '1KiB', '16GiB'),
      'Maximum size of an instrument master after decompression',
      { formerly: 'INSTRUMENTS_IMPORT_MAX_BYTES' },
    ),
    maxWatched: env('INSTRUMENTS_MAX_WATCHED', integer(1_000, 1, 100_000), 'Maximum followed contracts per user'),
    timeZone: env(
      'INSTRUMENTS_TIME_ZONE',
      text('Asia/Kolkata'),
      'Time zone of expiry dates: a contract has expired when its expiry day has ended there',
    ),
  },
  {
    /** An import that delists more than this share of its listed contracts is refused unless forced, in percent. */
    delistPercent: 20,
    /** An import with a larger share of quarantined rows is refused unless forced, in percent. */
    quarantinePercent: 20,
    /** An import in which a larger share of rows replaces unexpired contracts is refused unless forced, in percent. */
    replacePercent: 50,
    /** Contracts from which a master is judged by its dates and its units. */
    judgedRows: 50,
    /** An import with dates is refused unless forced if no contract expires within this number of days from today. */
    soonDays: 100,
    /** An import in which a larger share of known contracts changes by a power of ten is refused unless forced, in percent. */
    scalePercent: 50,
    /** Maximum number of stored mappings of the desk. */
    maxMappings: 200,
    /** Maximum duration of one statement of an import, with its upload, in ms. */
    importTimeoutMs: 600_000,
    /** An import that changes at least this number of contracts has the tables of the catalogue vacuumed and analysed. */
    upkeepRows: 1_000,
    /** Maximum duration of VACUUM on one table of the catalogue, in ms. */
    upkeepTimeoutMs: 300_000,
    /** Maximum time without data from the source of an import, in ms. */
    sourceIdleMs: 10_000,
  },
);
export type InstrumentsConfig = SliceValue<typeof instrumentsConfig>;
