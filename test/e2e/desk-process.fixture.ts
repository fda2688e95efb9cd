import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../setup/eventually.js';

const MAIN = join(process.cwd(), 'dist', 'apps', 'cli', 'main.js');
const API_MAIN = join(process.cwd(), 'dist', 'apps', 'api', 'main.js');
const START_TIMEOUT_MS = 60_000;

/** Builds dist/ if the sources are newer: these suites run the real program. */
export function buildIfStale(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-if-stale.mjs'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
}

/** A folder of its own for one desk, without a .env, that PostgreSQL's user may enter. */
export class DeskFolder {
  readonly home = mkdtempSync(join(tmpdir(), 'deskwire-home-'));
  private readonly children: DeskProcess[] = [];

  /** `deskwire` with these arguments; the environment is a newcomer's, not the test runner's. */
  run(args: readonly string[], environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess(process.execPath, [MAIN, ...args], this.home, this.environment(environment)));
  }

  serve(environment: Record<string, string> = {}): DeskProcess {
    return this.run(['serve'], environment);
  }

  /** `node dist/apps/api/main.js`, as `nest start` runs it. */
  apiMain(environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess(process.execPath, [API_MAIN], this.home, this.environment(environment)));
  }

  /** `npm start` in the package, as the README says. */
  npmStart(environment: Record<string, string> = {}): DeskProcess {
    return this.keep(new DeskProcess('npm', ['start'], process.cwd(), this.environment(environment)));
  }

  /** Whoever still runs for this home, by command line: PostgreSQL, as long as it is there. */
  processes(): string[] {
    return this.pids().map(commandLine);
  }

  killDatabase(): void {
    for (const pid of this.pids()) process.kill(Number(pid), 'SIGKILL');
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
      ...extra,
    };
  }
}

/** A run of the program in a process group of its own, as a terminal gives it. */
export class DeskProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** Its exit code; null if a signal ended it. */
  readonly exit: Promise<number | null>;
  private ended = false;

  constructor(command: string, args: readonly string[], cwd: string, env: Record<string, string>) {
    this.child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exit = new Promise((resolve) =>
      this.child.once('close', (code) => {
        this.ended = true;
        resolve(code);
      }),
    );
  }

  /** @param whom a terminal's Ctrl-C reaches the whole group, a supervisor's SIGTERM one process */
  kill(signal: NodeJS.Signals, whom: 'process' | 'group' = 'process'): void {
    if (this.ended && whom === 'process') return;
    try {
      process.kill(whom === 'group' ? -this.child.pid! : this.child.pid!, signal);
    } catch {
      // It is gone already.
    }
  }

  /** Waits for the printed welcome. @returns the address of the live page */
  async ready(): Promise<string> {
    await this.says(/Deskwire is ready/);
    return /Live page\s+(http\S+?)\/\s/.exec(this.stdout)![1]!;
  }

  async says(what: RegExp): Promise<void> {
    await eventually(() => {
      if (what.test(this.stdout + this.stderr)) return;
      if (this.ended) throw new Gone(`it ended before it said ${what}:\n${this.stdout}\n${this.stderr}`);
      throw new Error(`it did not say ${what}:\n${this.stdout}\n${this.stderr}`);
    }, START_TIMEOUT_MS);
  }

  /** The answer of a command that prints JSON. */
  async json<T = any>(): Promise<T> {
    const code = await this.exit;
    if (code !== 0) throw new Error(`exit ${code}:\n${this.stdout}\n${this.stderr}`);
    return JSON.parse(this.stdout) as T;
  }
}

class Gone extends Error {}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
