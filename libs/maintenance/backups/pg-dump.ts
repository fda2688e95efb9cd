import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { BackupError } from '../maintenance.errors.js';

type Tool = 'pg_dump' | 'pg_restore';

/**
 * Whether the tool on the PATH has this major version. An older pg_dump refuses a newer server, and the file of a newer one
 * may hold statements that the server does not know.
 * @returns its version, or why it is not used
 */
export function findTool(tool: Tool, server: string): { usable: boolean; reason: string } {
  const { status, stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  const version = status === 0 ? /(\d+)[.\w]*/.exec(stdout) : null;
  if (version === null) return { usable: false, reason: `no ${tool} on the PATH` };
  const usable = version[1] === String(Number.parseInt(server));
  return { usable, reason: `${tool} ${version[0]}, server ${server}` };
}

/** Runs the tool on the database of the URL. The password is passed in the environment, because every user sees arguments. */
export async function runTool(tool: Tool, url: string, args: readonly string[]): Promise<void> {
  const target = new URL(url);
  const password = decodeURIComponent(target.password);
  target.password = '';
  const child = spawn(tool, [...args, `--dbname=${target.href}`], {
    env: { ...process.env, ...(password ? { PGPASSWORD: password } : {}) },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  if (code !== 0) throw new BackupError(`${tool} failed (${code ?? 'killed'}):\n${said.trim()}`);
}
