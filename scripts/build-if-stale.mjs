// Builds dist/ when the sources are not those it was built from: one hash over names, sizes and times of some hundred
// files (about 10 ms), so that `npm start` of an unchanged tree does not wait for the compiler.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built-from');
const lock = join(root, 'node_modules', '.deskwire-build');

if (isStale()) await alone(build);

function isStale() {
  try {
    return readFileSync(stamp, 'utf8') !== fingerprint();
  } catch {
    return true;
  }
}

function build() {
  if (!isStale()) return; // another start has built while we waited
  const from = fingerprint();
  console.error('Building Deskwire (about 10 s, only after a change) ..');
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { status } = spawnSync(process.execPath, [nest, 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('The build failed; see the messages above. Nothing was started.');
    process.exit(1);
  }
  chmodSync(join(root, 'dist', 'apps', 'cli', 'main.js'), 0o755);
  writeFileSync(stamp, from);
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

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'])
    add(hash, join(root, path));
  for (const folder of ['apps', 'libs', 'migrations']) walk(hash, join(root, folder));
  return hash.digest('hex');
}

function walk(hash, folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(hash, path);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts')) add(hash, path);
  }
}

function add(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path}\0${size}\0${mtimeMs}\n`);
}
