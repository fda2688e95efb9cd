import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';

const installed = isInstalled();

/** Tests that need a real Redis. */
export function describeWithRedis(title: string, tests: () => void): void {
  if (installed) describe(title, tests);
  else describe.skip(`${title} (skipped: redis-server is not installed)`, tests);
}

/** A real Redis on a port of its own, without persistence. */
export class RedisServer {
  private process: ChildProcess | undefined;
  private readonly killWithTests = () => this.process?.kill('SIGKILL');

  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    process.once('exit', server.killWithTests);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Stops its process without ending it: connections stay, and nothing answers. */
  pause(): void {
    this.process!.kill('SIGSTOP');
  }

  resume(): void {
    this.process!.kill('SIGCONT');
  }

  /** Ends it at once; all that it held is lost. */
  async kill(): Promise<void> {
    const { process: ended } = this;
    this.process = undefined;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const end = once(ended, 'exit');
    ended.kill('SIGKILL');
    await end;
  }

  /** Begins again on the same port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    await this.begin();
  }

  /** Empties it. */
  flush(): void {
    this.command('FLUSHALL');
  }

  /** Runs a command by redis-cli. @returns its lines */
  command(...words: string[]): string[] {
    const text = execFileSync('redis-cli', ['-p', String(this.port), ...words], { encoding: 'utf8' });
    return text.split('\n').filter((line) => line !== '');
  }

  async stop(): Promise<void> {
    process.off('exit', this.killWithTests);
    await this.kill();
  }

  private async begin(): Promise<void> {
    const quiet = ['--save', '', '--appendonly', 'no', '--dir', '/tmp'];
    const started = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', ...quiet], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.process = started;
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      lines.push(line);
      if (/ready to accept connections/i.test(line)) {
        started.stdout.resume();
        return;
      }
    }
    throw new Error(`redis-server did not start: ${lines.join('\n')}`);
  }
}

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    return false;
  }
}
