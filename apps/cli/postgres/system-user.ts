import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The user that runs PostgreSQL when this process is root, because PostgreSQL refuses to run as root. */
export interface SystemUser {
  uid: number;
  gid: number;
}

const NAME = 'postgres';

/** Undefined for an ordinary user, who then runs PostgreSQL. For root, the system's user `postgres`, created if missing. */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUp();
  if (known) return known;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME], {
      stdio: 'pipe',
    });
  } catch (cause) {
    throw new Error(
      'PostgreSQL refuses to run as root, and the user `postgres` could not be created (useradd). Start as an ordinary user, or set DATABASE_URL.',
      { cause },
    );
  }
  const made = lookUp();
  if (!made)
    throw new Error(
      'The user `postgres` was created but is not in /etc/passwd. Start as an ordinary user, or set DATABASE_URL.',
    );
  return made;
}

/** Whether that user can reach `path`; /root is usually closed to others. */
export function canReach(user: SystemUser | undefined, path: string): boolean {
  if (!user) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const { uid, gid, mode } = statSync(folder);
    const wanted = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & wanted) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function lookUp(): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${NAME}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
