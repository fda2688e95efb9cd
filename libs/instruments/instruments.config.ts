import { configSlice, env, integer, type SliceValue, text } from '#config';

export const instrumentsConfig = configSlice('instruments', {
  importMaxBytes: env(
    'INSTRUMENTS_IMPORT_MAX_BYTES',
    integer(1_073_741_824, 1024, 17_179_869_184),
    'Largest instrument master, bytes unpacked',
  ),
  importTimeoutMs: env(
    'INSTRUMENTS_IMPORT_TIMEOUT_MS',
    integer(600_000, 1000, 86_400_000),
    'Longest statement of an import, its upload included, ms',
  ),
  sourceIdleMs: env(
    'INSTRUMENTS_SOURCE_IDLE_MS',
    integer(10_000, 100, 600_000),
    'How long the source of an import may send nothing, ms',
  ),
  delistPercent: env(
    'INSTRUMENTS_DELIST_PERCENT',
    integer(20, 0, 100),
    'An import that would delist more of its exchanges is refused unless forced, percent',
  ),
  timeZone: env('INSTRUMENTS_TIME_ZONE', text('Asia/Kolkata'), 'Where a contract past its expiry day has expired'),
});
export type InstrumentsConfig = SliceValue<typeof instrumentsConfig>;
