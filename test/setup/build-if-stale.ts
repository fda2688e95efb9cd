import { spawnSync } from 'node:child_process';

/**
 * Builds dist/ if the sources are newer, because the built program is tested.
 * @param parts `nodes`: also the programs of nodes/
 */
export function buildIfStale(...parts: 'nodes'[]): void {
  const build = spawnSync(process.execPath, ['scripts/build-if-stale.mjs', ...parts], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stderr}`);
}
