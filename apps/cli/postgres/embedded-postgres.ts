import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DeskHome } from '../home/desk-home.js';
import { findPlace, makeOwned, type PostgresPlace } from './data-folder.js';
import { program } from './postgres-binaries.js';
import { PostgresKeeper } from './postgres-keeper.js';
import { PostgresProcess } from './postgres-process.js';
import { clearLeftover } from './postmaster.js';

/** Stored in the home, mode 0600. */
interface Kept {
  password: string;
  port?: number;
  /** Whether the database exists: false between initdb and CREATE DATABASE. */
  complete?: boolean;
}

const FILE = 'postgres.json';
const LOG = 'postgres.log';
const NAME = 'deskwire';
/** How long a start waits for the sessions of a killed PostgreSQL, which end by themselves after their statement. */
const OLD_SESSIONS_MS = 30_000;

/** PostgreSQL 18 in the home, for development. The caller holds the home's lock. */
export class EmbeddedPostgres {
  private running: { process: PostgresProcess; again: () => PostgresProcess } | undefined;
  private keeper: PostgresKeeper | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly home: DeskHome) {}

  /** Its URL with the password; undefined if it was never started in this home. It may not be running. */
  static url(home: DeskHome, port: number): string | undefined {
    const kept = home.read<Kept>(FILE);
    return kept && `postgres://${NAME}:${kept.password}@127.0.0.1:${port}/${NAME}`;
  }

  /** @returns its URL and messages for the user */
  async start(): Promise<{ url: string; port: number; notes: string[] }> {
    const place = await findPlace(this.home);
    const notes = place.moved ? [place.moved] : [];
    if ((await clearLeftover(place.data)) !== 'nothing')
      notes.push('a killed run had left its database behind; recovered');
    const kept = await this.initialised(place);
    const port = await freePort(kept.port);
    const again = () => new PostgresProcess(place, port, this.home.file(LOG));
    if (await this.begin(again)) notes.push('waited for a session of the killed run');
    if (!kept.complete) await createDatabase(kept.password, port);
    if (kept.port !== port || !kept.complete) this.home.write(FILE, { ...kept, port, complete: true });
    return { url: EmbeddedPostgres.url(this.home, port)!, port, notes };
  }

  /** Restarts the database on the same port whenever it ends unexpectedly. @returns resolves with the reason when that fails */
  keep(): Promise<Error> {
    if (!this.running) throw new Error('It has not been started.');
    this.keeper ??= new PostgresKeeper(this.running.process, this.running.again);
    return this.keeper.lost;
  }

  /** Stops it and waits until the process and its lock file are gone. */
  stop(): Promise<void> {
    this.stopping ??= this.keeper ? this.keeper.stop() : (this.running?.process.stop() ?? Promise.resolve());
    return this.stopping;
  }

  /** @returns whether it had to wait for sessions of a killed PostgreSQL */
  private async begin(again: () => PostgresProcess): Promise<boolean> {
    const until = Date.now() + OLD_SESSIONS_MS;
    for (let tries = 1; ; tries += 1) {
      const process = again();
      this.running = { process, again };
      try {
        await process.ready();
        return tries > 1;
      } catch (error) {
        if (!process.isBlocked || Date.now() > until) throw error;
        await sleep(250);
        if (this.stopping) throw error;
      }
    }
  }

  /** initdb writes to another folder, which is renamed when complete, so that a start killed here can be repeated. */
  private async initialised(place: PostgresPlace): Promise<Kept> {
    const kept = this.home.read<Kept>(FILE);
    if (existsSync(join(place.data, 'PG_VERSION'))) {
      if (kept) return kept;
      throw new Error(
        `${place.data} holds a database whose password (${this.home.file(FILE)}) is gone. Restore that file, or remove ${place.data} to start with an empty database.`,
      );
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
}

/** The built-in C.UTF-8 locale sorts the same on every system. */
async function initdb(place: PostgresPlace, data: string, passwordFile: string): Promise<void> {
  const flags = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ];
  const child = spawn(
    program(place.binaries, 'initdb'),
    [`--pgdata=${data}`, `--username=${NAME}`, `--pwfile=${passwordFile}`, ...flags],
    {
      ...place.user,
      detached: true, // or a Ctrl-C in the middle of it would make a failure of an orderly stop
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The embedded PostgreSQL could not be created in ${data} (${code}):\n${said.trim()}`);
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

/** The previous port if it is free, so that saved connections still work. */
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
