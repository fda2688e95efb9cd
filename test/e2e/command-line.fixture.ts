import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../apps/cli/program.js';

/** One run of `deskwire` in this process. Its output is complete when `exit` resolves. */
export class CommandRun {
  stdout = '';
  stderr = '';
  readonly exit: Promise<number>;

  constructor(run: (written: CommandRun) => Promise<number>) {
    this.exit = run(this);
  }

  /** The answer of a command that prints JSON. */
  async json<T = any>(): Promise<T> {
    const code = await this.exit;
    if (code !== 0) throw new Error(`exit ${code}:\n${this.stdout}\n${this.stderr}`);
    return JSON.parse(this.stdout) as T;
  }
}

/**
 * Runs `deskwire` in this process, in a folder of its own or a given one and with the environment of a new user, one run
 * after the other.
 */
export class CommandLine {
  private last: Promise<unknown> = Promise.resolve();

  constructor(readonly home = mkdtempSync(join(tmpdir(), 'deskwire-cli-'))) {}

  run(args: readonly string[], environment: Record<string, string> = {}): CommandRun {
    const run = new CommandRun((written) => this.last.then(() => this.execute(args, environment, written)));
    this.last = run.exit.catch(() => undefined);
    return run;
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  private async execute(args: readonly string[], environment: Record<string, string>, to: CommandRun): Promise<number> {
    const { log } = console;
    const [env, folder] = [{ ...process.env }, process.cwd()];
    const restore = (['stdout', 'stderr'] as const).map((name) => {
      const { write } = process[name];
      process[name].write = (chunk: string | Uint8Array) => {
        to[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
        return true;
      };
      return () => (process[name].write = write);
    });
    Object.assign(console, { log: (...parts: unknown[]) => void (to.stdout += `${parts.join(' ')}\n`) });
    setEnvironment({ PATH: env['PATH'], DESKWIRE_HOME: this.home, DESKWIRE_DEMO: 'false', ...environment });
    process.chdir(this.home);
    try {
      return await runCommandLine(args);
    } finally {
      process.exitCode = undefined;
      process.chdir(folder);
      setEnvironment(env);
      Object.assign(console, { log });
      for (const undo of restore) undo();
    }
  }
}

function setEnvironment(values: Record<string, string | undefined>): void {
  for (const key of Object.keys(process.env)) if (values[key] === undefined) delete process.env[key];
  for (const [key, value] of Object.entries(values)) if (value !== undefined) process.env[key] = value;
}
