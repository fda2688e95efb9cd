import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from '../home/process-identity.js';

/** What a running PostgreSQL says of itself in its data folder (`postmaster.pid`). */
export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

export function readPostmaster(data: string): Postmaster | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** Asks for a fast shutdown (SIGINT: ends sessions, writes a checkpoint), then insists. */
export async function stopPostmaster(pid: number, data: string, patienceMs = 10_000): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!signalled(pid, signal)) break;
    for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(10)) {
      if (!serves(pid, data)) return;
    }
  }
  if (!serves(pid, data)) rmSync(join(data, 'postmaster.pid'), { force: true });
}

/**
 * Ends what a killed run left behind: a PostgreSQL that goes on without its parent, or only its lock file. A lock file whose
 * number now belongs to some other program would keep PostgreSQL from starting, so it goes.
 */
export async function clearLeftover(data: string): Promise<'nothing' | 'stopped' | 'stale'> {
  const left = readPostmaster(data);
  if (!left) return 'nothing';
  if (serves(left.pid, data)) {
    await stopPostmaster(left.pid, data);
    return 'stopped';
  }
  if (existsSync(join(data, 'postmaster.pid'))) rmSync(join(data, 'postmaster.pid'), { force: true });
  return 'stale';
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Named by its data folder: another PostgreSQL of this machine that was given the number must not be touched. */
function serves(pid: number, data: string): boolean {
  const command = commandOf(pid);
  return command !== undefined && /\bpostgres\b/.test(command) && command.includes(`-D ${data} `);
}
