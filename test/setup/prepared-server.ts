import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeskHome } from '../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../apps/cli/postgres/embedded-postgres.js';
import { migratorOf, withLock } from './test-database.js';

const run = promisify(execFile);

/** `empty`: as after initdb, with a database without tables. `migrated`: with the schema of the desk. */
export type PreparedState = 'empty' | 'migrated';

interface Kept {
  password: string;
}

/**
 * Makes `home` the home of a desk whose embedded PostgreSQL was started before: a copy of files that the first suite of the
 * run makes. Copying them costs a twentieth of initdb and migrations.
 * @returns its password
 */
export async function prepareServer(home: string, state: PreparedState): Promise<string> {
  await withLock(7002, () => prepared(state));
  // Most of the write-ahead log is zeros, which need no memory.
  await run('cp', ['-a', '--sparse=always', `${folderOf(state)}/.`, home]);
  renewIdentity(join(home, 'postgres'));
  return DeskHome.of({ DESKWIRE_HOME: home }).read<Kept>('postgres.json')!.password;
}

const folderOf = (state: PreparedState) => join(tmpdir(), `prepared-${state}`);

async function prepared(state: PreparedState): Promise<void> {
  if (existsSync(folderOf(state))) return;
  const making = `${folderOf(state)}-making`;
  rmSync(making, { recursive: true, force: true });
  if (state === 'migrated') {
    await prepared('empty');
    await run('cp', ['-a', folderOf('empty'), making]);
  } else mkdirSync(making);
  const home = DeskHome.of({ DESKWIRE_HOME: making });
  const postgres = new EmbeddedPostgres(home);
  const { url } = await postgres.start();
  if (state === 'migrated') await migratorOf(url).up();
  await postgres.stop();
  // Each copy finds a free port of its own.
  home.write('postgres.json', { ...home.read<Kept>('postgres.json'), port: undefined });
  renameSync(making, folderOf(state));
}

/** Gives a stopped PostgreSQL another system identifier, by which servers tell their own copies from other servers. */
function renewIdentity(data: string): void {
  const identity = randomBytes(8);
  const control = join(data, 'global', 'pg_control');
  // The identifier is at its beginning, and a checksum follows what it covers.
  const content = readFileSync(control);
  let end = 8;
  while (content.readUInt32LE(end) !== crc32c(content.subarray(0, end))) end += 4;
  identity.copy(content);
  content.writeUInt32LE(crc32c(content.subarray(0, end)), end);
  overwrite(control, content, 0);
  const log = join(data, 'pg_wal');
  for (const name of readdirSync(log)) if (/^[0-9A-F]{24}$/.test(name)) overwrite(join(log, name), identity, 24);
}

function overwrite(file: string, bytes: Buffer, at: number): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, bytes, 0, bytes.length, at);
  closeSync(opened);
}

/** The checksum of PostgreSQL's own files, with another polynomial than that of `node:zlib`. */
function crc32c(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
