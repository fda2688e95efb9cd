// The folder of one run of the tests, below which every test makes its own. It is in memory where that has room: a database
// is then made with a tenth of the processor time. Folders of runs that were killed are removed by the next run.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const PREFIX = 'deskwire-tests-';
/** Free space and free memory that a run on memory needs, in bytes. It uses a tenth of that. */
const NEEDED = 6 * 1024 ** 3;

/** Makes the folder, and makes it the TMPDIR of this process and its children. @returns its path */
export function makeRunFolder() {
  const parent = process.env.TMPDIR === undefined && memoryHasRoom() ? MEMORY : tmpdir();
  for (const place of new Set([parent, MEMORY, tmpdir()])) removeDeadRuns(place);
  const folder = join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(folder);
  chmodSync(folder, 0o755); // Run by root, PostgreSQL is another user and needs access.
  process.env.TMPDIR = folder;
  return folder;
}

export function removeRunFolder(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function memoryHasRoom() {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= NEEDED && freemem() >= NEEDED;
}

function removeDeadRuns(place) {
  if (!existsSync(place)) return;
  for (const name of readdirSync(place).filter((one) => one.startsWith(PREFIX)))
    if (!existsSync(`/proc/${name.slice(PREFIX.length)}`)) removeRunFolder(join(place, name));
}
