// A server in a process of its own, and the clients that fill it, for the benches of sockets.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PASSWORD = 'Bench-only-password-71';

export class SocketServer {
  readonly #server: ChildProcess;
  readonly #clients: ChildProcess;
  readonly #url: string;
  readonly #token: string;

  private constructor(server: ChildProcess, clients: ChildProcess, url: string, token: string) {
    this.#server = server;
    this.#clients = clients;
    this.#url = url;
    this.#token = token;
  }

  static async start(kind: 'bare' | 'desk'): Promise<SocketServer> {
    const start = (name: string) =>
      fork(join(import.meta.dirname, name), {
        execArgv: ['--expose-gc'],
        env: { ...process.env, BENCH_PASSWORD: PASSWORD },
      });
    const server = start(`${kind}.mjs`);
    const { url } = await answerOf<{ url: string }>(server);
    const token = kind === 'bare' ? '' : await signIn(url);
    return new SocketServer(server, start('clients.mjs'), url, token);
  }

  /** Opens more sockets. */
  async open(count: number): Promise<void> {
    this.#clients.send({ url: this.#url, token: this.#token, count });
    await answerOf(this.#clients);
  }

  /**
   * Sends a message of about that size to all sockets, one round after the other.
   * @returns the deliveries per second, and per second of the server's processor time
   */
  async fan(rounds: number, sockets: number, bytes: number): Promise<{ rate: number; cpuRate: number }> {
    const value = 'x'.repeat(bytes - 130);
    const payload = { from: '1:1:', to: '2:2:', patch: [{ op: 'replace', path: '/panels', value }] };
    // The head of a frame of this size has four bytes.
    const frame = 4 + `42/dashboard,["dashboard:delta",${JSON.stringify(payload)}]`.length;
    this.#clients.send({ expect: rounds * sockets * frame });
    await answerOf(this.#clients);
    const received = answerOf(this.#clients);
    const sent = answerOf<{ cpuMs: number }>(this.#server);
    const began = performance.now();
    this.#server.send({ fan: rounds, payload });
    await received;
    const ms = performance.now() - began;
    const deliveries = rounds * sockets * 1_000;
    return { rate: deliveries / ms, cpuRate: deliveries / (await sent).cpuMs };
  }

  /** Memory of the server after a collection, in bytes. */
  memory(): Promise<{ used: number; rss: number }> {
    this.#server.send({ memory: true });
    return answerOf(this.#server);
  }

  stop(): void {
    for (const child of [this.#clients, this.#server]) child.kill('SIGKILL');
  }
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}

async function signIn(url: string): Promise<string> {
  const body = JSON.stringify({ email: 'admin@example.com', password: PASSWORD });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/auth/login`, { method: 'POST', headers, body });
  const { accessToken } = (await response.json()) as { accessToken: string };
  return accessToken;
}
