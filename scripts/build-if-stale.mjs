// Builds dist/ when the sources are not those it was built from: one hash over names, sizes and times of some
// thousand files (about 20 ms), so that `npm start` of an unchanged tree does not wait for the compiler.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, 'node_modules', '.deskwire-build');

/** Programs that only tests run: `node scripts/build-if-stale.mjs nodes` builds them, too. */
const nodes = ['desk-process', 'chaos-node'].map((name) => `${name}=test/setup/nodes/${name}.mjs`);

/** Parts of dist/, in the order of their builds: the build of the server deletes all of dist/ first. */
const parts = [
  {
    what: 'Deskwire',
    takes: '7 s',
    deletes: join(root, 'dist'),
    stamp: join(root, 'dist', '.built-from'),
    sources: ['tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs', 'apps', 'libs', 'migrations'],
    // The same code as by `nest build`, in a third of its time. Nest's command line and the generators of clients need version 6.
    commands: [
      [join('node_modules', 'typescript-7', 'bin', 'tsc'), '--project', 'tsconfig.build.json'],
      [join('scripts', 'bundle.mjs'), 'dist/bundle', 'deskwire=dist/apps/cli/main.js'],
    ],
  },
  {
    what: 'its console',
    takes: '3 s',
    stamp: join(root, 'dist', 'apps', 'console', '.built-from'),
    sources: ['apps/console', 'clients/typescript'],
    commands: [
      [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', join('apps', 'console')],
    ],
  },
  {
    what: 'the processes of its tests',
    takes: '2 s',
    onlyIf: 'nodes',
    stamp: join(root, 'dist', 'nodes', '.built-from'),
    sources: ['tsconfig.build.json', 'scripts/bundle.mjs', 'apps', 'libs', 'migrations', 'test/setup/nodes'],
    commands: [[join('scripts', 'bundle.mjs'), 'dist/nodes', ...nodes]],
  },
].filter(({ onlyIf }) => onlyIf === undefined || process.argv[2] === onlyIf);

if (parts.some(isStale)) await alone(build);

function isStale(part) {
  try {
    return readFileSync(part.stamp, 'utf8') !== fingerprint(part);
  } catch {
    return true;
  }
}

function build() {
  for (const part of parts) {
    if (!isStale(part)) continue; // another start has built while we waited
    const from = fingerprint(part);
    console.error(`Building ${part.what} (about ${part.takes}, only after a change) ..`);
    if (part.deletes) rmSync(part.deletes, { recursive: true, force: true });
    for (const command of part.commands) run(command);
    writeFileSync(part.stamp, from);
  }
  chmodSync(join(root, 'dist', 'bundle', 'deskwire.js'), 0o755);
}

function run(command) {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error('The build failed; see the messages above. Nothing was started.');
  process.exit(1);
}

/** Two starts at once: the second waits, or it would run a dist that the first is just deleting. */
async function alone(work) {
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isRunning(lock)) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  work();
}

function isRunning(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === 0) return Date.now() - statSync(file).mtimeMs < 1000; // made, number not written yet
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function fingerprint({ sources }) {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...sources]) {
    if (statSync(join(root, path)).isFile()) add(hash, join(root, path));
    // The server is built without its console.
    else walk(hash, join(root, path), path === 'apps' ? join(root, 'apps', 'console') : undefined);
  }
  return hash.digest('hex');
}

function walk(hash, folder, without) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (path !== without && entry.name !== 'dist' && entry.name !== 'node_modules') walk(hash, path, without);
    } else if (/\.(mjs|tsx?|json|css|html|svg|woff2)$/.test(entry.name) && !/\.spec\.tsx?$/.test(entry.name))
      add(hash, path);
  }
}

function add(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path}\0${size}\0${mtimeMs}\n`);
}
