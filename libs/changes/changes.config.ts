import { configSlice, env, integer, type SliceValue } from '#config';

export const changesConfig = configSlice('changes', {
  retentionMs: env(
    'CHANGES_RETENTION_MS',
    integer(3_600_000, 60_000, 604_800_000),
    'How long the change feed is kept; a reader that slept longer reloads all',
  ),
  pollMs: env('CHANGES_POLL_MS', integer(1_000, 50, 60_000), 'How often the feed is read when no NOTIFY comes, ms'),
});

export type ChangesConfig = SliceValue<typeof changesConfig>;
