import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DeskHome } from '../home/desk-home.js';
import { findPlace, makeOwned, type PostgresPlace } from './data-folder.js';
import { program } from './postgres-binaries.js';
import { clearLeftover, readPostmaster, stopPostmaster } from './postmaster.js';

/** Kept in the home, mode 0600. */
interface Kept {
  password: string;
  port?: number;
  /** The database was made: false between initdb and CREATE DATABASE. */
  complete?: boolean;
}

const FILE = 'postgres.json';
const LOG = 'postgres.log';
const LOG_MAX_BYTES = 10_000_000;
const NAME = 'deskwire';
const READY_TIMEOUT_MS = 60_000; // crash recovery after a kill can take long

/** PostgreSQL 18 in the home, for development. The caller holds the home's lock. */
export class EmbeddedPostgres {
  private child: ChildProcess | undefined;
  private place: PostgresPlace | undefined;
  private stopping: Promise<void> | undefined;
  private readonly onExit = () => this.child?.kill('SIGINT');

  constructor(private readonly home: DeskHome) {}

  /** Where it listens, with its password; undefined if none was ever started here. Says nothing about whether it runs. */
  static url(home: DeskHome, port: number): string | undefined {
    const kept = home.read<Kept>(FILE);
    return kept && `postgres://${NAME}:${kept.password}@127.0.0.1:${port}/${NAME}`;
  }

  /** @returns its URL, and what a person should hear about this start */
  async start(): Promise<{ url: string; port: number; notes: string[] }> {
    const place = (this.place = await findPlace(this.home));
    const notes = place.moved ? [place.moved] : [];
    if ((await clearLeftover(place.data)) !== 'nothing') notes.push('a killed run had left its database behind; recovered');
    const kept = await this.initialised(place);
    const port = await freePort(kept.port);
    await this.run(place, port);
    if (!kept.complete) await createDatabase(kept.password, port);
    if (kept.port !== port || !kept.complete) this.home.write(FILE, { ...kept, port, complete: true });
    return { url: EmbeddedPostgres.url(this.home, port)!, port, notes };
  }

  /** Ends it and waits until it is gone, lock file and all. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      const pid = this.child?.pid;
      if (pid !== undefined && this.place) await stopPostmaster(pid, this.place.data);
      process.off('exit', this.onExit);
      this.child = undefined;
    })();
    return this.stopping;
  }

  /** initdb works beside and the folder is moved into place when whole: a start killed here begins anew. */
  private async initialised(place: PostgresPlace): Promise<Kept> {
    const kept = this.home.read<Kept>(FILE);
    if (existsSync(join(place.data, 'PG_VERSION'))) {
      if (kept) return kept;
      throw new Error(`${place.data} holds a database whose password (${this.home.file(FILE)}) is gone. Restore that file, or remove ${place.data} to begin anew.`);
    }
    const fresh: Kept = { password: randomBytes(18).toString('base64url') };
    const partial = `${place.data}.new`;
    const passwordFile = `${place.data}.password`;
    rmSync(partial, { recursive: true, force: true });
    makeOwned(partial, place.user);
    writeFileSync(passwordFile, fresh.password, { mode: 0o600 });
    if (place.user) chownSync(passwordFile, place.user.uid, place.user.gid);
    try {
      await initdb(place, partial, passwordFile);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    this.home.write(FILE, fresh);
    rmSync(place.data, { recursive: true, force: true });
    renameSync(partial, place.data);
    return fresh;
  }

  private async run(place: PostgresPlace, port: number): Promise<void> {
    const log = this.home.file(LOG);
    const tooLong = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES;
    const output = openSync(log, tooLong ? 'w' : 'a', 0o600);
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'log_min_messages=warning', 'timezone=UTC', 'log_timezone=UTC'];
    // A group of its own: Ctrl-C goes to the whole group, and the database must outlive the requests that are still answered.
    const child = spawn(program(place.binaries, 'postgres'), ['-D', place.data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])], {
      ...place.user,
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.unref();
    this.child = child;
    process.on('exit', this.onExit);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
    });
    let end: string | undefined;
    void ended.then((why) => (end = why));
    for (const until = Date.now() + READY_TIMEOUT_MS; ; await sleep(5)) {
      const postmaster = readPostmaster(place.data);
      if (postmaster?.ready && postmaster.pid === child.pid) return;
      if (end === undefined && Date.now() < until) continue;
      process.off('exit', this.onExit);
      throw new Error(`The embedded PostgreSQL did not start (${end ?? 'not ready in 60 s'}):\n${lastLines(log)}\nMore in ${log}. Or set DATABASE_URL to a PostgreSQL of your own.`);
    }
  }
}

/** The built-in C.UTF-8 locale: the same order on every system, whatever locales it has. */
async function initdb(place: PostgresPlace, data: string, passwordFile: string): Promise<void> {
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'];
  const child = spawn(program(place.binaries, 'initdb'), [`--pgdata=${data}`, `--username=${NAME}`, `--pwfile=${passwordFile}`, ...flags], {
    ...place.user,
    detached: true, // or a Ctrl-C in the middle of it would make a failure of an orderly stop
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The embedded PostgreSQL could not be made in ${data} (${code}):\n${said.trim()}`);
}

async function createDatabase(password: string, port: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: NAME, password, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
  } finally {
    await client.end();
  }
}

/** The port of last time if it is free, so that a psql of yesterday still connects. */
async function freePort(wanted: number | undefined): Promise<number> {
  for (const port of wanted === undefined ? [0] : [wanted, 0]) {
    const got = await new Promise<number | undefined>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
      });
    });
    if (got !== undefined) return got;
  }
  throw new Error('No free port on 127.0.0.1 for the embedded PostgreSQL.');
}

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}
