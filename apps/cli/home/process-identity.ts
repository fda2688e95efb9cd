import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies a process by number and start time, because numbers are reused (in a container nearly always: the server is pid 1). */
export interface ProcessIdentity {
  pid: number;
  born: string;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, born: birthOf(process.pid) ?? 'unknown' };
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const born = birthOf(identity.pid);
  return born !== undefined && born === identity.born;
}

/** The command line of a process, or undefined if it is gone. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return ps(pid, 'command');
  } catch {
    return undefined;
  }
}

/** Start time of the process as the system writes it; undefined if it is gone or a zombie. */
function birthOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and can contain anything, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function ps(pid: number, what: string): string | undefined {
  return (
    execFileSync('ps', ['-o', `${what}=`, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim() || undefined
  );
}
