import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { InternalValues } from '#config';
import { buildIfStale } from './build-if-stale.js';

export interface NodeOptions {
  /** Limit of open files of the process; that of this process if left out. */
  openFiles?: number | undefined;
  stdout?: 'pipe' | 'ignore';
  stderr?: 'pipe' | 'inherit';
}

/** Runs a program of `nodes/` as a process of its own, out of the built desk. It talks over IPC. */
export function forkNode(
  name: 'desk-process' | 'chaos-node',
  environment: NodeJS.ProcessEnv,
  internals: readonly InternalValues[],
  { openFiles, stdout = 'ignore', stderr = 'inherit' }: NodeOptions = {},
): ChildProcess {
  buildIfStale('nodes');
  const limited = ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, process.execPath];
  return fork(join('dist', 'nodes', `${name}.js`), {
    ...(openFiles === undefined ? { execArgv: [] } : { execPath: '/bin/sh', execArgv: limited }),
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: join(process.cwd(), 'node_modules/.cache/deskwire-v8'),
      ...environment,
      TEST_INTERNALS: JSON.stringify(internals),
    },
    stdio: ['ignore', stdout, stderr, 'ipc'],
  });
}
