import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from '../home/process-identity.js';

/** The contents of `postmaster.pid` in the data folder of a running PostgreSQL. */
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

/** Requests a fast shutdown (SIGINT: ends sessions, writes a checkpoint), then an immediate one. */
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
 * Cleans up after a killed run: stops a PostgreSQL without a parent and removes its lock file. A lock file whose
 * number now belongs to another program would prevent the start, so it is removed too.
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

/** Identified by its data folder: another PostgreSQL that got the number must not be stopped. */
function serves(pid: number, data: string): boolean {
  const command = commandOf(pid);
  return command !== undefined && /\bpostgres\b/.test(command) && command.includes(`-D ${data} `);
}
