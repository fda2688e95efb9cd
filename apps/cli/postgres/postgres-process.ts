import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresPlace } from './data-folder.js';
import { program } from './postgres-binaries.js';
import { readPostmaster, stopPostmaster } from './postmaster.js';

const LOG_MAX_BYTES = 10_000_000;
const READY_TIMEOUT_MS = 60_000; // crash recovery after a kill can take long
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'log_min_messages=warning',
  'timezone=UTC',
  'log_timezone=UTC',
];

/** One run of PostgreSQL on its data folder. */
export class PostgresProcess {
  /** Description of how it ended. */
  readonly ended: Promise<string>;
  readonly startedAt = Date.now();
  private readonly child: ChildProcess;
  private end: string | undefined;
  /** Where its own lines begin in the log. */
  private readonly logFrom: number;
  private readonly onExit = () => this.child.kill('SIGINT');

  constructor(
    private readonly place: PostgresPlace,
    port: number,
    private readonly log: string,
  ) {
    const logged = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const tooLong = logged > LOG_MAX_BYTES;
    this.logFrom = tooLong ? 0 : logged;
    const output = openSync(log, tooLong ? 'w' : 'a', 0o600);
    // In a process group of its own: Ctrl-C reaches the whole group of the desk, and the database must outlive the requests in flight.
    this.child = spawn(
      program(place.binaries, 'postgres'),
      ['-D', place.data, '-p', String(port), ...SETTINGS.flatMap((one) => ['-c', one])],
      {
        ...place.user,
        detached: true,
        stdio: ['ignore', output, output],
      },
    );
    closeSync(output);
    this.child.unref();
    process.on('exit', this.onExit);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
    });
    void this.ended.then((why) => {
      this.end = why;
      process.off('exit', this.onExit);
    });
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** Whether it could not start because a session of a killed PostgreSQL still uses the data folder. */
  get isBlocked(): boolean {
    return this.end !== undefined && /pre-existing shared memory block/.test(this.ownLines());
  }

  /** Resolves when it accepts connections. @throws Error with the last lines of its log */
  async ready(): Promise<void> {
    for (const until = Date.now() + READY_TIMEOUT_MS; ; await sleep(5)) {
      const postmaster = readPostmaster(this.place.data);
      if (postmaster?.ready && postmaster.pid === this.child.pid) return;
      if (this.end === undefined && Date.now() < until) continue;
      throw new Error(
        `The embedded PostgreSQL did not start (${this.end ?? 'not ready in 60 s'}):\n${lastLines(this.ownLines())}\nMore in ${this.log}. Or set DATABASE_URL to a PostgreSQL of your own.`,
      );
    }
  }

  /** Stops it and waits until the process and its lock file are gone. */
  async stop(): Promise<void> {
    if (this.child.pid !== undefined) await stopPostmaster(this.child.pid, this.place.data);
    process.off('exit', this.onExit);
  }

  private ownLines(): string {
    return readFileSync(this.log).subarray(this.logFrom).toString();
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-5).join('\n');
}
