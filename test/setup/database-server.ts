import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries, program } from '../../apps/cli/postgres/postgres-binaries.js';
import { freePort } from './free-port.js';
import { prepareServer } from './prepared-server.js';

const run = promisify(execFile);
const READY = /ready to accept (read-only )?connections/;
const SETTINGS = [
  ...[
    'fsync=off',
    'full_page_writes=off',
    'autovacuum=off',
    'wal_level=logical',
    'max_wal_senders=10',
    'wal_keep_size=256MB',
  ],
  ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100'],
];
const binaries = findBinaries();
/** PostgreSQL refuses to run as root. The set-up of the run has made this user. */
const OWNER =
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : { uid: process.getuid!(), gid: process.getgid!() };

function idOf(option: string): number {
  return Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
}

/** A PostgreSQL of its own that others can follow, with the schema of the desk in its database. The server of all suites writes no log for that. */
export class DatabaseServer {
  private process: ChildProcess | undefined;
  private password = '';
  private readonly killWithTests = () => this.process?.kill('SIGKILL');

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(): Promise<DatabaseServer> {
    const made = await DatabaseServer.make();
    made.password = await prepareServer(made.folder, 'migrated');
    await made.begin();
    return made;
  }

  get url(): string {
    return `postgresql://deskwire:${this.password}@127.0.0.1:${this.port}/deskwire`;
  }

  /** Makes a standby that streams from this server: a copy of its files, taken as PostgreSQL's manual says. */
  async standby(): Promise<DatabaseServer> {
    const made = await DatabaseServer.make();
    made.password = this.password;
    const [data, copy] = [join(this.folder, 'postgres'), join(made.folder, 'postgres')];
    const client = new pg.Client(this.url);
    await client.connect();
    await client.query(`SELECT pg_backup_start('standby', true)`);
    await run('cp', ['-a', data, copy]);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    await client.end();
    await rm(join(copy, 'postmaster.pid'), { force: true });
    const from = `host=127.0.0.1 port=${this.port} user=deskwire password=${this.password} application_name=standby`;
    await appendFile(join(copy, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
    for (const [file, text] of [
      ['backup_label', rows[0]!.labelfile],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(copy, file), text);
      await chown(join(copy, file), OWNER.uid, OWNER.gid);
    }
    await made.begin();
    return made;
  }

  /** Runs statements in a session of its own. @returns the rows of the last one */
  query<Row = Record<string, any>>(...statements: string[]): Promise<Row[]> {
    return sessionOf<Row>(this.url, statements);
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.killWithTests);
    const ended = this.process && once(this.process, 'exit');
    this.process?.kill('SIGQUIT'); // nothing of it is needed again
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  private static async make(): Promise<DatabaseServer> {
    const folder = await mkdtemp(join(tmpdir(), 'deskwire-server-'));
    const { uid, gid } = OWNER;
    await chown(folder, uid, gid);
    return new DatabaseServer(await freePort(), folder);
  }

  /** Resolves when it accepts connections, as a standby only those that read. */
  private async begin(): Promise<void> {
    const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
    const data = join(this.folder, 'postgres');
    const server = spawn(program(binaries, 'postgres'), ['-D', data, '-p', String(this.port), ...settings], {
      ...{ ...OWNER, stdio: ['ignore', 'ignore', 'pipe'] },
    });
    this.process = server;
    process.once('exit', this.killWithTests);
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${said.join('\n')}`)));
      createInterface(server.stderr!).on('line', (line) => {
        said.push(line);
        if (said.length > 50) said.shift();
        if (READY.test(line)) resolve();
      });
    });
  }
}

async function sessionOf<Row>(url: string, statements: readonly string[]): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) ({ rows } = (await client.query(statement)) as never);
    return rows;
  } finally {
    await client.end();
  }
}
