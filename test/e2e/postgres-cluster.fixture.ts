import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DeskHome } from '../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../apps/cli/postgres/embedded-postgres.js';
import { FaultProxy } from '../setup/fault-proxy.js';
import { eventually } from '../setup/eventually.js';
import { type PreparedState, prepareServer } from '../setup/prepared-server.js';

/** A PostgreSQL of the test's own behind a proxy. It can stop, be killed, freeze, restart, hang and become a standby. */
export class PostgresCluster {
  private readonly folder = mkdtempSync(join(tmpdir(), 'deskwire-outage-'));
  private readonly home = DeskHome.of({ DESKWIRE_HOME: this.folder });
  private postgres = new EmbeddedPostgres(this.home);
  private url = '';
  proxy!: FaultProxy;

  /**
   * @param state what it holds at its first start
   * @param settings lines of its configuration
   */
  constructor(
    private readonly state: PreparedState = 'empty',
    private readonly settings: readonly string[] = [],
  ) {}

  async start(): Promise<void> {
    if (!existsSync(this.home.file('postgres'))) {
      await prepareServer(this.folder, this.state);
      const lines = ['fsync = off', ...this.settings].map((line) => `${line}\n`);
      appendFileSync(join(this.folder, 'postgres', 'postgresql.auto.conf'), lines.join(''));
    }
    ({ url: this.url } = await this.postgres.start());
    this.proxy ??= await new FaultProxy(this.url).start('pass');
    await this.proxy.become('pass');
  }

  /** Simulates `pg_ctl stop -m fast`: sessions get 57P01, then the port is closed. */
  async stop(): Promise<void> {
    await this.postgres.stop();
    this.postgres = new EmbeddedPostgres(this.home);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.stop();
  }

  /** All its processes stop (SIGSTOP). The kernel still accepts connections and data. */
  freeze(): Promise<void> {
    this.signal('SIGSTOP');
    return Promise.resolve();
  }

  thaw(): Promise<void> {
    this.signal('SIGCONT');
    return Promise.resolve();
  }

  /** `pg_ctl restart -m immediate`: no session is told, and the start recovers from the log. */
  async restartImmediately(): Promise<void> {
    process.kill(this.postmaster(), 'SIGQUIT');
    await this.stop();
    await this.start();
  }

  silence = () => this.proxy.become('hang');

  /** Restarts it as a standby, which answers writes with 25006. @returns promotes it */
  async restartAsStandby(): Promise<() => Promise<void>> {
    await this.stop();
    writeFileSync(join(this.folder, 'postgres', 'standby.signal'), '', { mode: 0o644 });
    // Ready in the sense of the embedded PostgreSQL once it accepts writes.
    const writable = this.postgres.start();
    await eventually(() => this.query('SELECT 1'));
    return async () => {
      await this.query('SELECT pg_promote()');
      await writable;
    };
  }

  /** Its address past the proxy. */
  get directUrl(): string {
    return this.url;
  }

  /** Runs a statement past the proxy. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    await this.thaw();
    await this.proxy.become('refuse');
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  private postmaster(): number {
    return Number(readFileSync(join(this.folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** Signals the postmaster and its processes, whose command lines name no folder. */
  private signal(name: NodeJS.Signals): void {
    const postmaster = this.postmaster();
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    const children = pids.map(Number).filter((pid) => parentOf(pid) === postmaster);
    // The postmaster first, so that it neither starts nor restarts one.
    for (const pid of [postmaster, ...children]) {
      try {
        process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // killed before
      }
    }
  }
}

/** The fourth field of /proc/PID/stat, after the name in parentheses. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
