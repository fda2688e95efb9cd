import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { DeskHome } from '../home/desk-home.js';
import { clearLeftover } from './postmaster.js';
import { copyBinaries, findBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { canReach, postgresUser, type SystemUser } from './system-user.js';

/** Folders of the data and of the programs. */
export interface PostgresPlace {
  data: string;
  binaries: PostgresBinaries;
  user: SystemUser | undefined;
  /** Message for the user if the data is outside the home. */
  moved: string | undefined;
}

/** Open to every user of a Linux system. */
const ELSEWHERE = '/var/lib/deskwire';

/**
 * `postgres/` in the home. The exception is root with a closed home (/root is 0700): PostgreSQL refuses to run as root, and its
 * user cannot enter /root, neither for the data nor for the programs in node_modules. Both then are in /var/lib/deskwire, with a
 * link in the home.
 */
export async function findPlace(home: DeskHome): Promise<PostgresPlace> {
  home.make();
  const user = postgresUser();
  const found = findBinaries();
  const binaries = canReach(user, found.root) ? found : copyBinaries(found, makeElsewhere());
  const data = home.file('postgres');
  if (canReach(user, home.path)) return { data, binaries, user, moved: undefined };

  const real = join(makeElsewhere(), createHash('sha256').update(home.path).digest('hex').slice(0, 16));
  if (!linksTo(data, real)) {
    // The home was removed and created again: the old data would not accept the new password.
    await clearLeftover(real);
    rmSync(real, { recursive: true, force: true });
    rmSync(data, { recursive: true, force: true });
    symlinkSync(real, data);
  }
  return {
    data: real,
    binaries,
    user,
    moved: `${home.path} is closed to PostgreSQL's user, so the data is in ${real}`,
  };
}

/** A folder PostgreSQL may write in. */
export function makeOwned(path: string, user: SystemUser | undefined): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
  if (user) chownSync(path, user.uid, user.gid);
}

function makeElsewhere(): string {
  mkdirSync(ELSEWHERE, { recursive: true });
  chmodSync(ELSEWHERE, 0o755);
  return ELSEWHERE;
}

function linksTo(link: string, target: string): boolean {
  return (
    lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true &&
    readlinkSync(link) === target &&
    existsSync(target)
  );
}
