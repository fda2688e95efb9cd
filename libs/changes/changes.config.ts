import { configSlice, type SliceValue } from '#config';

export const changesConfig = configSlice(
  'changes',
  {},
  {
    /** How long the change feed is kept, in ms. A reader that is further behind reloads everything. */
    retentionMs: 3_600_000,
    /** Poll interval when no NOTIFY arrives, in ms. */
    pollMs: 1_000,
  },
);

export type ChangesConfig = SliceValue<typeof changesConfig>;
