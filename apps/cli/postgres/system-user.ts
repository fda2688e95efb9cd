import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whom PostgreSQL runs as when we are root: it refuses to be root itself. */
export interface SystemUser {
  uid: number;
  gid: number;
}

const NAME = 'postgres';

/** Undefined when we are an ordinary user: PostgreSQL then runs as us. As root the system's `postgres`, made if there is none. */
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
      'PostgreSQL refuses to run as root, and no user `postgres` could be made (useradd). Start as an ordinary user, or set DATABASE_URL.',
      { cause },
    );
  }
  const made = lookUp();
  if (!made)
    throw new Error(
      'The user `postgres` was made but is not in /etc/passwd. Start as an ordinary user, or set DATABASE_URL.',
    );
  return made;
}

/** Whether that user may walk down to `path`; /root, for one, is usually closed to all others. */
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
