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
    /** Maximum duration of one statement of an import, with its upload, in ms. */
    importTimeoutMs: 600_000,
    /** Maximum time without data from the source of an import, in ms. */
    sourceIdleMs: 10_000,
  },
);
export type InstrumentsConfig = SliceValue<typeof instrumentsConfig>;
