import { configSlice, env, type SliceValue, text } from '#config';

export const instrumentsConfig = configSlice(
  'instruments',
  {
    timeZone: env(
      'INSTRUMENTS_TIME_ZONE',
      text('Asia/Kolkata'),
      'Time zone of expiry dates: a contract has expired when its expiry day has ended there',
    ),
  },
  {
    /** Maximum size of an instrument master after decompression, in bytes. */
    importMaxBytes: 1_073_741_824,
    /** An import that delists more than this share of its listed contracts is refused unless forced, in percent. */
    delistPercent: 20,
    /** Maximum duration of one statement of an import, with its upload, in ms. */
    importTimeoutMs: 600_000,
    /** Maximum time without data from the source of an import, in ms. */
    sourceIdleMs: 10_000,
  },
);
export type InstrumentsConfig = SliceValue<typeof instrumentsConfig>;
