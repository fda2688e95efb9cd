import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of the recorded data, or undefined, because the data is not part of the repository. */
const folder = (name: string): string | undefined => {
  const data = process.env['DESKWIRE_DATA_DIR'];
  const path = data && join(data, name);
  return path && existsSync(path) ? path : undefined;
};

export const recordedSec = folder('sec');
export const recordedFeeds = folder('feeds');
export const recordedField = folder('field');

/** `describe`, skipped with the reason in its title when the recorded feeds are not there. */
export const describeWithRecordings = (title: string, tests: () => void): void =>
  recordedSec && recordedFeeds && recordedField
    ? describe(title, tests)
    : describe.skip(`${title} (skipped: DESKWIRE_DATA_DIR is unset)`, tests);
