import { readFileSync } from 'node:fs';

/** What POSIX guarantees is less; every system we know allows this many. */
const USUAL = 1_024;

/** The rest is for files, PostgreSQL connections and requests to other servers. */
const SHARE = 0.75;

/** More than one process can serve. */
const MAX_CONNECTIONS = 50_000;

/**
 * Maximum number of connections below the limit of open files. At that limit `accept` fails for every client without an
 * error: 1,300 idle connections of one client reset those of all others.
 * @param openFiles soft limit of open files
 */
export function connectionsBelow(openFiles: number): number {
  return Math.min(MAX_CONNECTIONS, Math.max(16, Math.floor(openFiles * SHARE)));
}

/** The soft limit of open files of this process. */
export function openFilesLimit(): number {
  try {
    return softLimitOf(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
    const soft = userLimits?.open_files?.soft;
    return typeof soft === 'number' ? soft : soft === 'unlimited' ? Infinity : USUAL;
  }
}

/** @param limits the text of `/proc/<pid>/limits` */
export function softLimitOf(limits: string): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === 'unlimited' ? Infinity : Number(soft) || USUAL;
}
