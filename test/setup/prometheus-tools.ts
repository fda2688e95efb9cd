import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const HOME = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'deskwire');

/** A tool of Debian's package of Prometheus, which scripts/test.sh fetches; undefined where it cannot be had. */
export function prometheusTool(name: 'promtool' | 'prometheus'): string | undefined {
  const paths = [process.env[`${name.toUpperCase()}_PATH`], join(HOME, name), `/usr/bin/${name}`];
  return paths.find((path) => path !== undefined && existsSync(path));
}

const areThere = prometheusTool('promtool') !== undefined && prometheusTool('prometheus') !== undefined;
const SKIPPED = 'skipped: no promtool and prometheus; scripts/test.sh fetches them';

/** Tests that need promtool and Prometheus. */
export function describeWithPrometheus(title: string, tests: () => void): void {
  if (areThere) describe(title, tests);
  else describe.skip(`${title} (${SKIPPED})`, tests);
}

/** One such test. */
export function itWithPrometheus(title: string, test: () => Promise<void>): void {
  if (areThere) it(title, test);
  else it.skip(`${title} (${SKIPPED})`, test);
}

/** Runs promtool. @returns its exit code and what it printed */
export function promtool(args: readonly string[], input = ''): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(prometheusTool('promtool')!, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  });
  return { status, output: stdout + stderr };
}
