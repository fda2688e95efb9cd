import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHORT_LIVED } from '../setup/short-lived.js';

const MAIN = join(process.cwd(), 'dist', 'bundle', 'deskwire.js');
const API_MAIN = join(process.cwd(), 'dist', 'apps', 'api', 'main.js');
/** Only guards against hanging. A start takes two seconds on a quiet machine. */
const START_TIMEOUT_MS = 120_000;

/** Makes a folder for one desk, without a .env file. PostgreSQL's user may enter it. */
export class DeskFolder {
  readonly home = mkdtempSync(join(tmpdir(), 'deskwire-home-'));
  private readonly children: DeskProcess[] = [];
  private current: { desk: DeskProcess; url: string } | undefined;

  /** The desk that an earlier test left running in this folder, or a new one. */
  async running(
    environment: Record<string, string> = {},
    by: 'deskwire serve' | 'npm start' = 'deskwire serve',
  ): Promise<{ desk: DeskProcess; url: string }> {
    if (!this.current?.desk.isRunning) {
      const desk = by === 'npm start' ? this.npmStart(environment) : this.serve(environment);
      this.current = { desk, url: await desk.ready() };
    }
    return this.current;
  }

  /** Runs `deskwire` with these arguments and the environment of a new user instead of the test runner's. */
  run(args: readonly string[], environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess(process.execPath, [MAIN, ...args], this.home, this.environment(environment)));
  }

  serve(environment: Record<string, string> = {}): DeskProcess {
    return this.run(['serve'], environment);
  }

  /** Runs `node dist/apps/api/main.js`, as `nest start` does. */
  apiMain(environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess(process.execPath, [API_MAIN], this.home, this.environment(environment)));
  }

  /** Runs `npm start` in the package, as the README says. */
  npmStart(environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess('npm', ['start'], process.cwd(), this.environment(environment)));
  }

  /** Command lines of the PostgreSQL processes of this folder. */
  processes(): string[] {
    return this.pids().map(commandLine);
  }

  /** What a desk that has stopped must not leave: PostgreSQL processes and lock files. */
  left(): string[] {
    const locks = ['owner.json', join('postgres', 'postmaster.pid')];
    return [...this.processes(), ...locks.filter((lock) => existsSync(join(this.home, lock)))];
  }

  killDatabase(): void {
    for (const pid of this.pids()) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended since the list was made.
      }
    }
  }

  remove(): void {
    for (const child of this.children) child.kill('SIGKILL', 'group');
    this.killDatabase();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  private pids(): string[] {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandLine(name).includes(`-D ${this.home}/`));
  }

  private keep(child: DeskProcess): DeskProcess {
    this.children.push(child);
    return child;
  }

  private environment(extra: Record<string, string>): Record<string, string> {
    const { PATH, HOME } = process.env;
    return {
      PATH: PATH!,
      HOME: HOME ?? '/',
      DESKWIRE_HOME: this.home,
      HOST: '127.0.0.1',
      PORT: '0',
      DESKWIRE_DEMO: 'false',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'warn',
      SHUTDOWN_LAME_DUCK: '0s',
      NODE_COMPILE_CACHE: join(process.cwd(), 'node_modules/.cache/deskwire-v8'),
      ...SHORT_LIVED,
      ...extra,
    };
  }
}

/** A run of the program in its own process group, as under a terminal. */
export class DeskProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** Its exit code. Null if a signal ended it. */
  readonly exit: Promise<number | null>;
  isRunning = true;

  constructor(command: string, args: readonly string[], cwd: string, env: Record<string, string>) {
    this.child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exit = new Promise((resolve) =>
      this.child.once('close', (code) => {
        this.isRunning = false;
        resolve(code);
      }),
    );
  }

  /** @param whom a terminal's Ctrl-C reaches the whole process group, a supervisor's SIGTERM one process */
  kill(signal: NodeJS.Signals, whom: 'process' | 'group' = 'process'): void {
    if (!this.isRunning && whom === 'process') return;
    try {
      process.kill(whom === 'group' ? -this.child.pid! : this.child.pid!, signal);
    } catch {
      // It has ended already.
    }
  }

  /** Waits for the printed welcome text. @returns the address of the console */
  async ready(): Promise<string> {
    await this.says(/Deskwire is ready/);
    return /Console\s+(http\S+?)\/\s/.exec(this.stdout)![1]!;
  }

  /** Waits until the output matches. Fails as soon as the process ends without a match. */
  async says(what: RegExp): Promise<void> {
    const output = () => `${this.stdout}\n${this.stderr}`;
    await new Promise<void>((resolve, reject) => {
      const look = () => what.test(output()) && resolve();
      const fail = (how: string) => reject(new Error(`It ${how} before it said ${what}:\n${output()}`));
      const timer = setTimeout(fail, START_TIMEOUT_MS, `took more than ${START_TIMEOUT_MS} ms`);
      void this.exit.then(() => (look(), fail('ended'), clearTimeout(timer)));
      for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', look);
      look();
    });
  }

  /** The answer of a command that prints JSON. */
  async json<T = any>(): Promise<T> {
    const code = await this.exit;
    if (code !== 0) throw new Error(`exit ${code}:\n${this.stdout}\n${this.stderr}`);
    return JSON.parse(this.stdout) as T;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
